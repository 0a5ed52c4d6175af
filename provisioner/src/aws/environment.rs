//! The variables of the environment that the SDK reads.

use std::env;
use std::ffi::{OsStr, OsString};

use crate::error::{Error, Exit};

/// The variables of credentials. Their values never appear in an error.
const KEYS: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// Switches that the SDK ignores if their value is malformed.
const SWITCHES: [&str; 4] = [
    "AWS_EC2_METADATA_DISABLED",
    IGNORE_ENDPOINTS,
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
];

/// Only an endpoint on the command line counts.
pub const IGNORE_ENDPOINTS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The value of a variable. An empty one counts as not set.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the environment names a proxy.
pub fn has_proxy() -> bool {
    PROXIES.into_iter().any(|name| variable(name).is_some())
}

/// Whether the environment has keys, which the SDK prefers to every profile.
pub fn has_keys() -> bool {
    variable("AWS_ACCESS_KEY_ID").is_some()
}

/// The variables that the SDK would read although they are not to count: those that are set to nothing, and endpoints
/// that are to be ignored, which it does not ignore where it requests credentials.
pub fn ignored_variables() -> Vec<OsString> {
    let ignore = variable(IGNORE_ENDPOINTS).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let is_ignored = |(name, value): &(OsString, OsString)| {
        let is_endpoint = name.to_string_lossy().starts_with("AWS_ENDPOINT_URL");
        (value.is_empty() && is_read(name)) || (ignore && is_endpoint)
    };
    let ignored = env::vars_os().filter(is_ignored);
    ignored.map(|(name, _)| name).collect()
}

fn is_read(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let others = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
    name.starts_with("AWS_")
        || name.starts_with("PROVISION_")
        || PROXIES.contains(&&*name)
        || others.contains(&&*name)
}

/// Fails if the SDK would ignore a variable, or not survive it.
pub fn check() -> Result<(), Error> {
    for (name, value) in env::vars_os().filter(|(name, _)| is_read(name)) {
        // clap checks those of `provision` itself, where a path may be any bytes.
        let name = name.to_string_lossy();
        if value.to_str().is_none() && !name.starts_with("PROVISION_") {
            return Err(malformed(&name, "it is not text in UTF-8"));
        }
    }
    for name in SWITCHES {
        let value = variable(name).unwrap_or_default().to_lowercase();
        if !["", "true", "false"].contains(&value.as_str()) {
            return Err(malformed(name, "it is `true` or `false`"));
        }
    }
    let account = variable("AWS_ACCOUNT_ID").unwrap_or_default();
    if !account.chars().all(|c| c.is_ascii_digit()) {
        return Err(malformed(
            "AWS_ACCOUNT_ID",
            "an account ID has twelve digits",
        ));
    }
    let is_proxy = |value: String| value.parse::<Proxy>().is_ok();
    let proxy = PROXIES
        .into_iter()
        .find(|name| !variable(name).is_none_or(is_proxy));
    proxy.map_or(Ok(()), |name| {
        Err(malformed(
            name,
            "a proxy has this form: http://proxy.example:8080",
        ))
    })
}

/// Fails if the keys of the environment are incomplete or malformed.
pub fn check_keys() -> Result<(), Error> {
    let [id, secret, _] = KEYS;
    let has_secret = variable(secret).or_else(|| variable("SECRET_ACCESS_KEY"));
    let incomplete = match (variable(id), has_secret) {
        (Some(_), None) => Some((id, secret)),
        (None, Some(_)) if variable(secret).is_some() => Some((secret, id)),
        _ => None,
    };
    if let Some((one, other)) = incomplete {
        return Err(
            Error::new(Exit::Denied, format!("{one} is set, but {other} is not"))
                .hint(format!("set both, or neither: `unset {one}`")),
        );
    }
    let mut keys = KEYS
        .into_iter()
        .filter_map(|name| Some((name, variable(name)?)));
    match keys.find(|(_, value)| !is_key(value)) {
        Some((name, _)) => Err(malformed_key(name)),
        None => Ok(()),
    }
}

/// The text without the values of the variables that hold keys.
pub fn without_keys(text: &str) -> String {
    let keys = KEYS
        .into_iter()
        .filter_map(|name| Some((name, variable(name)?)));
    keys.fold(text.to_owned(), |text, (name, value)| {
        text.replace(value.trim(), &format!("<{name}>"))
    })
}

/// Whether a key can be sent in a header: with anything else the SDK panics.
pub fn is_key(value: &str) -> bool {
    value.chars().all(|c| c.is_ascii_graphic())
}

/// The error about a key; `place` says where it is, never its value.
pub fn malformed_key(place: &str) -> Error {
    Error::new(Exit::Denied, format!("the key in {place} is malformed"))
        .because("it has a space, a line break or another character that no key has")
        .hint("set it again, without spaces and line breaks around it")
}

fn malformed(name: &str, form: &str) -> Error {
    Error::usage(format!("the value of {name} is malformed")).hint(format!(
        "{form}; set it again, or not at all: `unset {name}`"
    ))
}

/// The URL of a proxy, as far as it is checked here.
struct Proxy;

impl std::str::FromStr for Proxy {
    type Err = ();

    /// `http://user:password@host:port`; the scheme may be missing. Other schemes, such as `socks5`, are not used.
    fn from_str(value: &str) -> Result<Proxy, ()> {
        let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        let host = host.split('/').next().unwrap_or_default();
        let is_word = value.chars().all(|c| c.is_ascii_graphic());
        let port = host.rsplit_once(':').map(|(_, port)| port);
        let has_port = port.is_none_or(|port| port.ends_with(']') || port.parse::<u16>().is_ok());
        let is_host = !host.is_empty() && !host.starts_with(':');
        (is_word && is_host && has_port).then_some(Proxy).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Proxy, is_key};

    #[test]
    fn a_key_has_only_visible_characters() {
        for good in ["AKIAEXAMPLE", "abc/+=", "FwoGZXIvYXdzEA4aD=="] {
            assert!(is_key(good), "{good}");
        }
        for bad in [
            "AKIA\n",
            " AKIA",
            "AK IA",
            "schl\u{fc}ssel",
            "a\u{0}b",
            "a\tb",
        ] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_proxy_has_a_host_and_may_have_a_scheme_and_a_port() {
        for good in [
            "http://proxy:8080",
            "proxy:8080",
            "https://user:p%40ss@proxy.example/",
            "http://[::1]:3128",
            "socks5://127.0.0.1:1080",
        ] {
            assert!(good.parse::<Proxy>().is_ok(), "{good}");
        }
        for bad in [
            "http://",
            ":8080",
            "http://a b",
            "http://proxy:port",
            "http://proxy:99999",
        ] {
            assert!(bad.parse::<Proxy>().is_err(), "{bad}");
        }
    }
}
