# The outputs of the action, from the document of a command, in the format of GITHUB_OUTPUT. With a random
# delimiter, no value can end early or begin another output.
{
  changed: .changed,
  "plan-digest": .planDigest,
  "function-arn": .outputs.function,
  version: (.outputs.version // .to),
  table: (if .outputs.table then .outputs.table | sub("^.*:table/"; "") else null end),
  "live-before": (if .command == "rollback" then .from else $live_before end)
}
| to_entries[]
| select(.value != null)
| "\(.key)<<\($delimiter)\n\(.value)\n\($delimiter)"
