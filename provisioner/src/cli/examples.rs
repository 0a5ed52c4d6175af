//! Examples for the help pages; a test parses each of them.

/// A command line for a shell, and what it does.
pub struct Example {
    pub line: &'static str,
    pub does: &'static str,
}

const fn example(line: &'static str, does: &'static str) -> Example {
    Example { line, does }
}

/// By command; those of `provision` are for the overview.
pub const EXAMPLES: [(&str, &[Example]); 18] = [
    (
        "provision",
        &[
            example("provision up --local", "try it without an account"),
            example("provision plan", "show what `up` would do on AWS"),
        ],
    ),
    (
        "up",
        &[
            example("provision up --local", "on this machine, no account needed"),
            example(
                "provision up --stage dev --timings up.html",
                "a page with where the time went",
            ),
        ],
    ),
    (
        "plan",
        &[
            example("provision plan --stage dev", "show what `up` would do"),
            example("provision plan --exit-code", "exit with 3 if it differs"),
        ],
    ),
    (
        "status",
        &[
            example("provision status --stage dev", "health, and which build"),
            example("provision status --check", "fail if something is wrong"),
        ],
    ),
    (
        "invoke",
        &[
            example("provision invoke --at 47.61,-122.33", "request a ride"),
            example("provision invoke --event event.json", "send this event"),
        ],
    ),
    (
        "rides",
        &[
            example("provision rides --limit 5 --map", "the newest, on a map"),
            example(
                "provision rides --all --output json",
                "a line for each ride",
            ),
        ],
    ),
    (
        "logs",
        &[
            example("provision logs --follow", "until ctrl-c"),
            example("provision logs --errors --since 2h", "requests that failed"),
        ],
    ),
    (
        "versions",
        &[
            example("provision versions", "of the default stage"),
            example("provision versions --stage prod", "of another one"),
        ],
    ),
    (
        "rollback",
        &[
            example(
                "provision rollback",
                "to the version before that was proven",
            ),
            example("provision rollback --to 3", "to this one; see `versions`"),
        ],
    ),
    (
        "down",
        &[
            example("provision down --keep-data", "all but the table"),
            example("provision down --stage pr-7 --delete-data", "rides too"),
        ],
    ),
    (
        "sweep",
        &[
            example(
                "provision sweep --stage 'pr-*' --older-than 3d --dry-run",
                "list",
            ),
            example(
                "provision sweep --stage 'pr-*' --older-than 3d --yes",
                "delete",
            ),
        ],
    ),
    (
        "certify",
        &[
            example(
                "provision certify --local --yes",
                "see it without an account",
            ),
            example("provision certify --profile me", "in your account"),
        ],
    ),
    (
        "config",
        &[
            example("provision config --stage prod", "what `up` would deploy"),
            example("provision config --output json", "for a script"),
        ],
    ),
    (
        "build",
        &[
            example("provision build", "print the path of the zip file"),
            example(
                "provision build --arch arm64 --out function.zip",
                "for Graviton",
            ),
        ],
    ),
    (
        "cloud",
        &[
            example("provision cloud --port 4566", "until ctrl-c"),
            example("provision cloud --faults aws", "with the delays of AWS"),
        ],
    ),
    (
        "policy",
        &[
            example("provision policy deployer", "for those who run `up`"),
            example(
                "provision policy deployer --stage 'pr-*'",
                "on all of these",
            ),
        ],
    ),
    (
        "completions",
        &[
            example("provision completions bash", "source it in ~/.bashrc"),
            example("provision completions fish", "pipe it into `source`"),
        ],
    ),
    (
        "man",
        &[
            example(
                "provision man ~/.local/share/man/man1",
                "for `man provision-up`",
            ),
            example("provision man target/man", "for a package"),
        ],
    ),
];

pub const EXIT_CODES: &str = "  \
    0    success, or nothing to do\n  \
    1    failed\n  \
    2    usage error\n  \
    3    `plan --exit-code` found changes\n  \
    4    refused: not managed by provision, data would be lost, no confirmation, …\n  \
    5    access denied, or no credentials\n  \
    130  interrupted";
