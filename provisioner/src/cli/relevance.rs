//! Which flags have no effect on which commands: their help does not show them, and most are errors where they
//! are typed.

/// When a flag has no effect.
pub enum When {
    Always,
    /// Always, but no error: scripts give such a flag to every command.
    Harmless,
    Local,
    NotLocal,
    NoFaults,
    Json,
}

pub struct Rule {
    pub flags: &'static [&'static str],
    /// None: all.
    pub commands: Option<&'static [&'static str]>,
    pub when: When,
    pub why: &'static str,
}

pub const RULES: &[Rule] = &[
    Rule {
        flags: &["--arch"],
        commands: Some(&["up", "plan", "config"]),
        when: When::Local,
        why: "the local cloud runs functions that are built for this machine",
    },
    Rule {
        flags: &["--local-dir"],
        commands: None,
        when: When::NotLocal,
        why: "it applies to the local cloud only",
    },
    Rule {
        flags: &["--faults-seed"],
        commands: None,
        when: When::NoFaults,
        why: "no faults are injected without `--faults aws` or `--faults storm`",
    },
    Rule {
        flags: &["--graph"],
        commands: Some(&["plan"]),
        when: When::Json,
        why: "the JSON document has the resources, what they need and what `up` would do",
    },
    Rule {
        flags: &["--local"],
        commands: Some(&["build"]),
        when: When::Always,
        why: "`build` always builds for Lambda",
    },
    Rule {
        flags: &["--stage"],
        commands: Some(&["cloud", "completions", "man"]),
        when: When::Always,
        why: "this command is not about a stage",
    },
    Rule {
        flags: &["--account"],
        commands: Some(&["build", "config", "cloud", "completions", "man"]),
        when: When::Always,
        why: "this command uses no account",
    },
    Rule {
        flags: &[
            "--region",
            "--profile",
            "--endpoint-url",
            "--as",
            "--faults",
            "--local-dir",
            "--wait-limit",
        ],
        commands: Some(&["build", "config", "completions", "man"]),
        when: When::Always,
        why: "this command sends no requests",
    },
    Rule {
        flags: &["--yes", "--no-input"],
        commands: Some(&[
            "plan",
            "status",
            "invoke",
            "rides",
            "logs",
            "versions",
            "rollback",
            "config",
            "build",
            "cloud",
            "policy",
            "completions",
            "man",
        ]),
        when: When::Harmless,
        why: "this command asks nothing",
    },
    Rule {
        flags: &["--wait-limit"],
        commands: Some(&[
            "plan", "status", "invoke", "rides", "logs", "versions", "cloud", "policy",
        ]),
        when: When::Harmless,
        why: "this command does not wait",
    },
    Rule {
        flags: &["--local", "--profile", "--endpoint-url", "--as"],
        commands: Some(&["cloud"]),
        when: When::Harmless,
        why: "`cloud` is the local cloud",
    },
    Rule {
        flags: &["--timings"],
        commands: Some(&[
            "plan",
            "status",
            "invoke",
            "rides",
            "logs",
            "versions",
            "rollback",
            "sweep",
            "certify",
            "config",
            "build",
            "cloud",
            "policy",
            "completions",
            "man",
        ]),
        when: When::Always,
        why: "only `up` and `down` have timings",
    },
    Rule {
        flags: &["--debug", "--log-file"],
        commands: Some(&["config", "build", "cloud", "completions", "man"]),
        when: When::Harmless,
        why: "this command sends no requests",
    },
    Rule {
        flags: &["--local", "--output", "--verbose", "--faults-seed"],
        commands: Some(&["completions", "man"]),
        when: When::Harmless,
        why: "this command's output has one form",
    },
    Rule {
        flags: &["--faults-seed"],
        commands: Some(&["config", "build"]),
        when: When::Harmless,
        why: "this command injects no faults",
    },
];

/// Whether a flag never has an effect on the command.
pub fn has_no_effect(command: &str, flag: &str) -> bool {
    RULES.iter().any(|rule| {
        let of_command = rule.commands.is_some_and(|names| names.contains(&command));
        let is_always = matches!(rule.when, When::Always | When::Harmless);
        is_always && of_command && rule.flags.contains(&flag)
    })
}
