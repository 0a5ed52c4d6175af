//! What a build overrides of the user's cargo configuration, so that the program does not depend on it.
//!
//! Flags and wrappers are overridden by variables in any case (`flags`); here is what those don't reach.
//! Settings for single packages of a profile stay in force: cargo has no way to take them back.

use std::path::Path;

use super::build_target::BuildTarget;
use super::cargo_config::Entry;
use super::flags::is_c_flag;

/// cargo's own values of what the manifest's profile does not set.
const PROFILE_DEFAULTS: &[(&str, &str)] = &[
    ("codegen-units", "16"),
    ("debug", "false"),
    ("debug-assertions", "false"),
    ("incremental", "false"),
    ("lto", "false"),
    ("opt-level", "3"),
    ("overflow-checks", "false"),
    ("panic", "\"unwind\""),
    ("rpath", "false"),
    ("split-debuginfo", "\"off\""),
    ("strip", "\"none\""),
];

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The keys that are overridden, for the user.
    pub keys: Vec<String>,
    /// Further arguments of cargo.
    pub arguments: Vec<String>,
    /// Further variables of cargo.
    pub variables: Vec<(String, String)>,
}

impl Overrides {
    /// `manifest` has the entries of the workspace's `Cargo.toml`, where the profile is defined.
    pub fn new(
        config: &[Entry],
        manifest: &[Entry],
        target: &BuildTarget,
        target_folder: &Path,
    ) -> Overrides {
        let mut overrides = Overrides::default();
        for Entry { key, .. } in config {
            let is_known = overrides.keys.contains(key);
            let is_overridden = if target.is_this_machine() {
                overrides.for_this_machine(key)
            } else {
                overrides.for_lambda(key, manifest, target, target_folder)
            };
            if is_overridden && !is_known {
                overrides.keys.push(key.clone());
            }
        }
        overrides
    }

    /// Only what would give a program for another machine.
    fn for_this_machine(&mut self, key: &str) -> bool {
        let is_target = key == "build.target";
        if is_target && self.arguments.is_empty() {
            self.arguments = ["--target", "host-tuple"].map(str::to_owned).to_vec();
        }
        is_target
    }

    fn for_lambda(
        &mut self,
        key: &str,
        manifest: &[Entry],
        target: &BuildTarget,
        target_folder: &Path,
    ) -> bool {
        let folder = || target_folder.display().to_string();
        let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
        match (table, name) {
            // Overridden by an argument or a variable of every build.
            ("build", "target" | "rustflags" | "rustc-wrapper" | "rustc-workspace-wrapper")
            | ("build", "incremental") => true,
            (table, "rustflags") => table.starts_with("target."),
            (table, "linker") => table == format!("target.{}", target.triple),
            // The names of these folders must be known to be replaced in the program.
            ("build", "target-dir") => self.set("CARGO_TARGET_DIR", folder()),
            ("build", "build-dir") => self.set("CARGO_BUILD_BUILD_DIR", folder()),
            ("build", "rustc") => self.set("RUSTC", "rustc".to_owned()),
            // Set to nothing, they override what `[env]` would set.
            ("env", name) if is_c_flag(name, target) => self.set(name, String::new()),
            ("profile.lambda" | "profile.release", name) => self.restore(name, manifest),
            _ => false,
        }
    }

    fn set(&mut self, name: &str, value: String) -> bool {
        self.variables.push((name.to_owned(), value));
        true
    }

    /// Gives a setting of the profile the value that it has without the user's configuration.
    fn restore(&mut self, name: &str, manifest: &[Entry]) -> bool {
        let declared = |profile: &str| {
            let key = format!("profile.{profile}.{name}");
            let entry = manifest.iter().find(|entry| entry.key == key);
            entry.map(|entry| entry.value.as_str())
        };
        let default = || {
            let default = PROFILE_DEFAULTS.iter().find(|(known, _)| *known == name);
            default.map(|(_, value)| *value)
        };
        let value = declared("lambda")
            .or_else(|| declared("release"))
            .or_else(default);
        let Some(value) = value else {
            return false;
        };
        let setting = format!("profile.lambda.{name}={value}");
        if !self.arguments.contains(&setting) {
            self.arguments.extend(["--config".to_owned(), setting]);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Overrides;
    use crate::artifact::cargo_config::parse;
    use crate::artifact::{Arch, BuildTarget};

    fn overrides(config: &str, target: &BuildTarget) -> Overrides {
        let manifest = "[profile.release]\nopt-level = \"z\"\nstrip = true\n\
                        [profile.lambda]\nopt-level = 3\n";
        let folder = Path::new("/w/target");
        Overrides::new(&parse(config), &parse(manifest), target, folder)
    }

    #[test]
    fn what_would_change_the_program_is_overridden() {
        let lambda = BuildTarget::lambda(Arch::X86_64);
        let check = |config: &str, key: &str, arguments: &[&str], variables: &[(&str, &str)]| {
            let found = overrides(config, &lambda);
            assert_eq!(found.keys, [key], "{config}");
            assert_eq!(found.arguments, arguments, "{config}");
            let variables = variables.iter();
            let variables = variables.map(|(name, value)| ((*name).into(), (*value).into()));
            assert_eq!(found.variables, variables.collect::<Vec<_>>(), "{config}");
        };
        let restored = |setting| ["--config", setting];
        let key = "profile.lambda.opt-level";
        check(
            &format!("{key} = 0"),
            key,
            &restored("profile.lambda.opt-level=3"),
            &[],
        );
        let key = "profile.release.strip";
        check(
            &format!("{key} = false"),
            key,
            &restored("profile.lambda.strip=true"),
            &[],
        );
        let key = "profile.lambda.debug";
        check(
            &format!("{key} = 2"),
            key,
            &restored("profile.lambda.debug=false"),
            &[],
        );
        let key = "build.target-dir";
        let folder = [("CARGO_TARGET_DIR", "/w/target")];
        check(&format!("{key} = \"/x\""), key, &[], &folder);
        let key = "env.CFLAGS";
        check(&format!("{key} = \"-O0\""), key, &[], &[("CFLAGS", "")]);
        for key in [
            "build.target",
            "build.rustflags",
            "build.rustc-wrapper",
            "target.x86_64-unknown-linux-musl.linker",
        ] {
            check(&format!("{key} = \"x\""), key, &[], &[]);
        }
        let config = "target.'cfg(unix)'.rustflags = [\"x\"]";
        check(config, "target.cfg(unix).rustflags", &[], &[]);
    }

    #[test]
    fn what_does_not_change_the_program_stays() {
        let config = "[build]\njobs = 1\n[net]\noffline = true\n[env]\nEDITOR = \"vi\"\n\
                      [target.aarch64-unknown-linux-gnu]\nlinker = \"x\"\n[profile.dev]\ndebug = 0\n";
        let lambda = BuildTarget::lambda(Arch::X86_64);
        assert_eq!(overrides(config, &lambda), Overrides::default());
        let here = BuildTarget::this_machine();
        assert_eq!(overrides(config, &here), Overrides::default());
        let profile = "[profile.lambda]\nopt-level = 0\n[build]\nrustflags = []\n";
        assert_eq!(overrides(profile, &here), Overrides::default());
    }

    #[test]
    fn a_build_for_this_machine_stays_on_this_machine() {
        let config = "build.target = \"wasm32-unknown-unknown\"";
        let found = overrides(config, &BuildTarget::this_machine());
        assert_eq!(found.keys, ["build.target"]);
        assert_eq!(found.arguments, ["--target", "host-tuple"]);
    }
}
