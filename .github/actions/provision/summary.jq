# Markdown for people, from the document of a command: `$run` is {verb, stage, status}, `$messages` what was
# printed to stderr, `$limit` the number of bytes that may be used. The input is null without a document.

def signs: {
  create: "+", update: "~", adopt: "~", replace: "±", delete: "-", leave: " ", blocked: "!"
};

# Continues a value of several lines below its name.
def indented: tostring | split("\n") | join("\n      ");

def difference:
  "    \(.attribute): \(.from // "none" | indented) → \(.to // "none" | indented)"
  + if .source then " (\(.source))" else "" end;

def change:
  "\(signs[.action] // "?") \(.kind) \(.name)"
  + if .action == "leave" then ": kept" else "" end,
  (.reason, .note | select(.) | "    \(indented)"),
  (.attributes // {} | to_entries[] | "+   \(.key): \(.value | indented)"),
  (.differences // [] | .[] | difference);

def changes: .changes // [] | map(select(.action != "keep"));

def counts:
  reduce changes[] as $change ({}; .[$change.action] += 1)
  | to_entries | map("\(.value) to \(.key)") | join(", ");

def error: "- " + .message, (.causes[] | "    \(indented)"), (.hint | select(.) | "    hint: \(indented)");

def headline:
  if $run.status == null then "killed before it ended"
  elif . == null then
    if $run.status == 0 then "no document" else "failed before it could write a document, see below" end
  elif .errors then "failed"
  elif $run.verb == "status" then "the build: \(.build)"
  elif .changed | not then "nothing to do"
  elif $run.verb == "rollback" then "`live` points at version \(.to), before at \(.from)"
  elif $run.verb == "plan" then counts
  else "changed" + if .outputs.version then ": `live` points at version \(.outputs.version)" else "" end
  end;

def body:
  if . == null then $messages
  elif .errors then [.errors[] | error] | join("\n")
  elif $run.verb == "status" then
    [.resources[] | "\(.kind) \(.name): \(.health), \(.owner)"
      + if .differs == [] then "" else ", differs: \(.differs | join(", "))" end] | join("\n")
  else [changes[] | change] | join("\n")
  end;

# Whole lines, as many as fit.
def shortened($limit):
  split("\n") as $lines
  | reduce $lines[] as $line ({bytes: 0, kept: 0};
      .bytes += ($line | utf8bytelength) + 1 | if .bytes <= $limit then .kept += 1 else . end)
  | if .kept == ($lines | length) then $lines
    else $lines[:.kept] + ["… \(($lines | length) - .kept) more lines were cut: see the log of the step"]
    end
  | join("\n");

# A fence that is longer than any in the text, so that the text can't end it.
def fenced:
  ("`" * ([3, (scan("`+") | length + 1)] | max)) as $fence
  | "\($fence)diff\n\(.)\n\($fence)";

(if .target then "account \(.target.account), region \(.target.region), " else "" end) as $where
| body as $body
| "### provision \($run.verb): \(headline)",
  "",
  "\($where)stage `\($run.stage)`, exit code \($run.status // "none")"
    + if .planDigest? then ", plan `\(.planDigest)`" else "" end,
  if $body == "" then empty else "", ($body | shortened($limit) | fenced) end
