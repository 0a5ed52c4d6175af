//! The profiles of `~/.aws/config` and `~/.aws/credentials`, and the one that this run uses.

use std::collections::BTreeSet;
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_config::profile::{self, Profile, ProfileSet};
use aws_runtime::env_config::file::{self, EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::property::PropertiesKey;
use aws_types::os_shim_internal::{Env, Fs};

use super::environment::{IGNORE_ENDPOINTS, variable};
use super::error::chain;
use crate::error::{Error, Exit};

/// How many profiles an error lists.
const LISTED: usize = 10;

/// How the profile was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// `--profile` or `PROVISION_PROFILE`: the only source of credentials.
    Flag,
    /// `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`, whose name this is.
    Variable(&'static str),
    /// Nothing: the profile `default`, which may not exist.
    Default,
}

/// A value with the place that it comes from, as an error names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    pub value: String,
    /// `AWS_CA_BUNDLE`, or `` `ca_bundle` of the profile `dev` ``.
    pub place: String,
}

#[derive(Debug)]
pub struct Profiles {
    set: ProfileSet,
    /// Both files as the SDK may read them.
    pub files: EnvConfigFiles,
    sources: [SourceFile; 2],
    pub name: String,
    pub chosen_by: ChosenBy,
}

#[derive(Debug)]
struct SourceFile {
    path: PathBuf,
    /// `None` if the file does not exist.
    profiles: Option<BTreeSet<String>>,
}

impl Profiles {
    /// Reads both files. Fails if one is malformed, or if the chosen profile, or one that it takes its credentials
    /// from, does not exist: the SDK would go on with any other credentials that it finds.
    pub async fn read(flag: Option<&str>) -> Result<Profiles, Error> {
        let (name, chosen_by) = choose(flag)?;
        let config = (EnvConfigFileKind::Config, path("AWS_CONFIG_FILE", "config"));
        let credentials = (
            EnvConfigFileKind::Credentials,
            path("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        );
        let mut texts = Vec::new();
        let mut sources = Vec::new();
        for (kind, path) in [config, credentials] {
            let contents = contents(&path)?;
            let text = without_empty(contents.as_deref().unwrap_or_default());
            let set = parse(&files(&[(kind, text.clone())]), &name).await;
            let set = set.map_err(|error| malformed(&path, &error))?;
            let names = || set.profiles().map(str::to_owned).collect();
            sources.push(SourceFile {
                profiles: contents.is_some().then(names),
                path,
            });
            texts.push((kind, text));
        }
        let set = parse(&files(&texts), &name).await;
        let mut profiles = Profiles {
            set: set.map_err(|error| malformed(&sources[0].path, &error))?,
            files: files(&texts),
            sources: sources.try_into().expect("two files"),
            name,
            chosen_by,
        };
        profiles.chain()?;
        if profiles.ignores_endpoints() {
            // The SDK does not, where it requests credentials.
            let texts = texts
                .iter()
                .map(|(kind, text)| (*kind, without_endpoints(text)));
            profiles.files = files(&texts.collect::<Vec<_>>());
        }
        Ok(profiles)
    }

    /// Whether only an endpoint on the command line counts.
    pub fn ignores_endpoints(&self) -> bool {
        let ignore = self.setting(IGNORE_ENDPOINTS, "ignore_configured_endpoint_urls");
        ignore.is_some_and(|ignore| ignore.value.eq_ignore_ascii_case("true"))
    }

    /// A value of the chosen profile.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.set.get(key).filter(|value| !value.is_empty())
    }

    /// A value of the section `[services …]` that the chosen profile names.
    pub fn of_service(&self, service: &str, key: &str) -> Option<&str> {
        let section = PropertiesKey::builder()
            .section_key("services")
            .section_name(self.get("services")?)
            .property_name(service)
            .sub_property_name(key);
        let value = self.set.other_sections().get(&section.build().ok()?)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// A variable, or else the key of the chosen profile.
    pub fn setting(&self, name: &str, key: &str) -> Option<Setting> {
        let from_variable = variable(name).map(|value| Setting {
            value,
            place: name.to_owned(),
        });
        from_variable.or_else(|| {
            Some(Setting {
                value: self.get(key)?.to_owned(),
                place: self.place(key),
            })
        })
    }

    /// How an error names a key of the chosen profile.
    pub fn place(&self, key: &str) -> String {
        format!("`{key}` of the profile `{}`", self.name)
    }

    /// The chosen profile and those that it takes its credentials from, through `source_profile`.
    pub fn chain(&self) -> Result<Vec<&Profile>, Error> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut next = Some(self.name.as_str());
        while let Some(name) = next {
            let Some(profile) = self.set.get_profile(name) else {
                let is_optional = self.chosen_by == ChosenBy::Default && chain.is_empty();
                return match is_optional {
                    true => Ok(chain),
                    false => Err(self.missing(name, chain.last().map(|profile| profile.name()))),
                };
            };
            if chain.iter().any(|earlier| earlier.name() == name) {
                break;
            }
            chain.push(profile);
            let role = profile.get("role_arn");
            next = role.and_then(|_| profile.get("source_profile"));
        }
        Ok(chain)
    }

    fn missing(&self, name: &str, named_by: Option<&str>) -> Error {
        let text = match (named_by, self.chosen_by) {
            (Some(profile), _) => format!(
                "the profile `{name}`, which is the `source_profile` of the profile `{profile}`, does not exist"
            ),
            (None, ChosenBy::Variable(variable)) => {
                format!("the profile `{name}`, which {variable} names, does not exist")
            }
            (None, ChosenBy::Flag | ChosenBy::Default) => {
                format!("the profile `{name}` does not exist")
            }
        };
        let [config, credentials] = &self.sources;
        let known = [config, credentials].into_iter();
        let known = known.flat_map(|source| source.profiles.iter().flatten());
        let hint = match known.min() {
            Some(first) => format!("choose one that exists, for example: `… --profile {first}`"),
            None => format!("`aws configure sso --profile {name}` creates it"),
        };
        Error::new(Exit::Denied, text)
            .because(format!("{}; {}", config.describe(), credentials.describe()))
            .hint(hint)
    }
}

impl SourceFile {
    fn describe(&self) -> String {
        let path = self.path.display();
        let Some(profiles) = &self.profiles else {
            return format!("{path} does not exist");
        };
        let names: Vec<&str> = profiles.iter().map(String::as_str).take(LISTED).collect();
        let more = match profiles.len().saturating_sub(LISTED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match names.as_slice() {
            [] => format!("{path} has no profiles"),
            [name] => format!("{path} has the profile {name}"),
            names => format!("{path} has the profiles {}{more}", names.join(", ")),
        }
    }
}

/// `AWS_DEFAULT_PROFILE` is the AWS CLI's older name of `AWS_PROFILE`; the SDK does not know it.
fn choose(flag: Option<&str>) -> Result<(String, ChosenBy), Error> {
    if let Some(flag) = flag {
        return Ok((flag.to_owned(), ChosenBy::Flag));
    }
    let [name, older] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    match (variable(name), variable(older)) {
        (Some(profile), Some(other)) if profile != other => Err(Error::usage(format!(
            "{name} names the profile `{profile}`, and {older} names `{other}`"
        ))
        .hint(format!("choose one: `… --profile {profile}`"))),
        (Some(profile), _) => Ok((profile, ChosenBy::Variable(name))),
        (None, Some(profile)) => Ok((profile, ChosenBy::Variable(older))),
        (None, None) => Ok(("default".to_owned(), ChosenBy::Default)),
    }
}

fn path(name: &str, file: &str) -> PathBuf {
    let path = variable(name).map(PathBuf::from);
    let path = path.unwrap_or_else(|| Path::new("~/.aws").join(file));
    match (path.strip_prefix("~"), env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

fn contents(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(malformed(path, &error)),
    }
}

fn malformed(path: &Path, error: &(dyn std::error::Error + 'static)) -> Error {
    let cause = chain(error);
    // The SDK says `could not parse profile file: error parsing  on line 2:`: it knows no path here.
    let cause = match cause.split_once(" on line ") {
        Some((_, cause)) => format!("line {}", cause.replace(":\n  ", ": ")),
        None => cause,
    };
    Error::usage(format!("read the profiles in {}", path.display()))
        .because(cause)
        .hint("fix the file, or name another one in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE")
}

fn files(texts: &[(EnvConfigFileKind, String)]) -> EnvConfigFiles {
    let files = EnvConfigFiles::builder();
    let add = |files: file::Builder, (kind, text): &(EnvConfigFileKind, String)| {
        files.with_contents(*kind, text.as_str())
    };
    texts.iter().fold(files, add).build()
}

async fn parse(
    files: &EnvConfigFiles,
    name: &str,
) -> Result<ProfileSet, profile::ProfileFileLoadError> {
    let (fs, env) = (Fs::real(), Env::real());
    profile::load(&fs, &env, files, Some(name.to_owned().into())).await
}

/// The text without its `key =` that have neither a value nor an indented block: the SDK takes them for values, and
/// fails on an `endpoint_url` of that kind with a panic.
fn without_empty(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_indented = |line: &&str| line.starts_with([' ', '\t']);
    let is_empty = |line: &str| {
        let value = line.split_once('=').map(|(_, value)| value.trim());
        value == Some("") && !line.trim_start().starts_with(['#', ';'])
    };
    let kept = lines.iter().enumerate().filter(|(number, line)| {
        let block = lines.get(number + 1).filter(|next| is_indented(next));
        let opens_block = !is_indented(line) && block.is_some_and(|next| next.contains('='));
        !is_empty(line) || opens_block
    });
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

fn without_endpoints(text: &str) -> String {
    let is_endpoint = |line: &&str| {
        let key = line.split_once('=').map(|(key, _)| key.trim());
        key.is_some_and(|key| key.eq_ignore_ascii_case("endpoint_url"))
    };
    let kept = text.lines().filter(|line| !is_endpoint(line));
    kept.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{without_empty, without_endpoints};

    #[test]
    fn endpoints_can_be_left_out() {
        let text = "[default]\nEndpoint_Url = http://a\nregion = x\n[services s]\nsts =\n  endpoint_url=b\n";
        let expected = "[default]\nregion = x\n[services s]\nsts =\n";
        assert_eq!(without_endpoints(text), expected);
    }

    #[test]
    fn a_key_without_a_value_is_not_set() {
        let check = |text: &str, expected: &str| assert_eq!(without_empty(text), expected);
        check("[default]\nregion =\n", "[default]\n");
        check("[a]\nendpoint_url=\nregion = x", "[a]\nregion = x\n");
        let block = "[services s]\ndynamodb =\n  endpoint_url = http://a\n";
        check(block, block);
        check(
            "[services s]\ndynamodb =\n  endpoint_url =\n",
            "[services s]\ndynamodb =\n",
        );
        check("# a =\n", "# a =\n");
        check("", "");
    }
}
