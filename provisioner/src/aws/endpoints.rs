//! Where each service's requests go: resolved here once, set on every client, and shown before anything is changed.

use aws_config::SdkConfig;
use aws_types::origin::Origin;

use super::environment::variable;
use super::profiles::{Profiles, Setting};
use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Dynamodb,
    Iam,
    Lambda,
    Logs,
    Sts,
}

impl Service {
    const ALL: [Service; 5] = [
        Service::Dynamodb,
        Service::Iam,
        Service::Lambda,
        Service::Logs,
        Service::Sts,
    ];

    fn name(self) -> &'static str {
        match self {
            Service::Dynamodb => "dynamodb",
            Service::Iam => "iam",
            Service::Lambda => "lambda",
            Service::Logs => "logs",
            Service::Sts => "sts",
        }
    }

    /// As in `[services …]`; in capitals, the end of a variable's name.
    fn id(self) -> &'static str {
        match self {
            Service::Logs => "cloudwatch_logs",
            Service::Dynamodb | Service::Iam | Service::Lambda | Service::Sts => self.name(),
        }
    }
}

/// What the sources of credentials request; the SDK resolves these.
const OF_CREDENTIALS: [&str; 4] = [
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT_URL_SIGNIN",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
];

/// The endpoint of each service that has another one than AWS's.
#[derive(Debug, Default)]
pub struct Endpoints(Vec<(Service, String)>);

impl Endpoints {
    /// In AWS's order: the flag, the variable of the service, `AWS_ENDPOINT_URL`, the profile's section for the
    /// service, the profile's `endpoint_url`. `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` leaves only the flag.
    pub fn resolve(flag: Option<&str>, profiles: &Profiles) -> Result<Endpoints, Error> {
        if let Some(url) = flag {
            let all = Service::ALL.map(|service| (service, url.to_owned()));
            return Ok(Endpoints(all.to_vec()));
        }
        if profiles.ignores_endpoints() {
            return Ok(Endpoints::default());
        }
        for name in OF_CREDENTIALS {
            variable(name).map_or(Ok(()), |url| check_setting(&url, name))?;
        }
        let mut found = Vec::new();
        for service in Service::ALL {
            if let Some(Setting { value, place }) = setting(service, profiles) {
                check_setting(&value, &place)?;
                found.push((service, value));
            }
        }
        Ok(Endpoints(found))
    }

    fn url(&self, service: Service) -> Option<&str> {
        let mut all = self.0.iter();
        let (_, url) = all.find(|(known, _)| *known == service)?;
        Some(url)
    }

    /// The configuration of one service's client. The SDK resolves no endpoint of its own.
    pub fn configure(&self, config: &SdkConfig, service: Service) -> SdkConfig {
        let mut builder = config.to_builder();
        builder.insert_origin("endpoint_url", Origin::shared_config());
        builder.set_endpoint_url(self.url(service).map(str::to_owned));
        builder.build()
    }

    /// The endpoints, each once: `http://a`, or `http://a (iam, sts)` and `AWS (dynamodb, …)` if they differ. Nothing
    /// if every request goes to AWS.
    pub fn shown(&self) -> Vec<String> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for service in Service::ALL {
            let url = self.url(service).unwrap_or("AWS");
            match groups.iter_mut().find(|(known, _)| *known == url) {
                Some((_, services)) => services.push(service.name()),
                None => groups.push((url, vec![service.name()])),
            }
        }
        match groups.as_slice() {
            [("AWS", _)] => Vec::new(),
            [(url, _)] => vec![(*url).to_owned()],
            groups => groups
                .iter()
                .map(|(url, services)| format!("{url} ({})", services.join(", ")))
                .collect(),
        }
    }
}

fn setting(service: Service, profiles: &Profiles) -> Option<Setting> {
    let from_variable = |place: String| {
        let value = variable(&place)?;
        Some(Setting { value, place })
    };
    let from_profile = |value: Option<&str>, place: String| {
        let value = value?.to_owned();
        Some(Setting { value, place })
    };
    let (id, key) = (service.id(), "endpoint_url");
    from_variable(format!("AWS_ENDPOINT_URL_{}", id.to_uppercase()))
        .or_else(|| from_variable("AWS_ENDPOINT_URL".to_owned()))
        .or_else(|| {
            let place = format!("the `services` of the profile `{}`", profiles.name);
            from_profile(profiles.of_service(id, key), place)
        })
        .or_else(|| from_profile(profiles.get(key), profiles.place(key)))
}

/// Fails if the URL of `--endpoint-url` is malformed.
pub fn check_flag(url: &str) -> Result<(), Error> {
    if is_url(url) {
        return Ok(());
    }
    let host = url.rsplit("://").next().filter(|host| is_authority(host));
    Err(
        Error::usage(format!("the endpoint `{}` is malformed", without_user(url))).hint(format!(
            "an endpoint is an HTTP or HTTPS URL: `… --endpoint-url http://{}`",
            host.unwrap_or("127.0.0.1:5000")
        )),
    )
}

fn check_setting(url: &str, place: &str) -> Result<(), Error> {
    if is_url(url) {
        return Ok(());
    }
    let url = without_user(url);
    Err(
        Error::usage(format!("the endpoint `{url}` in {place} is malformed")).hint(
            "an endpoint is an HTTP or HTTPS URL; correct it, or use another for this run: \
             `… --endpoint-url http://127.0.0.1:5000`",
        ),
    )
}

fn is_url(url: &str) -> bool {
    let rest = url.strip_prefix("http://");
    let rest = rest.or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else {
        return false;
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_path = |c: char| c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:@/".contains(c);
    is_authority(authority) && path.chars().all(is_path)
}

/// `localhost`, `127.0.0.1:4566`, `[::1]:80`. Names and passwords are not accepted: the SDK would drop them.
fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_host = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let is_letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
            !host.is_empty() && host.chars().all(is_letter)
        }
    };
    is_host && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// A password may be between the scheme and the `@`.
fn without_user(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        (None, Some((_, rest))) => format!("…@{rest}"),
        (_, None) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoints, Service, is_url, without_user};

    #[test]
    fn a_malformed_url_is_found_before_the_sdk_sees_it() {
        for good in [
            "http://127.0.0.1:4566",
            "https://dynamodb.eu-west-1.amazonaws.com",
            "http://localhost/",
            "http://[::1]:80/path",
            "https://vpce-1_a.example/dynamodb",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "localhost:4566",
            "ftp://a",
            "http://",
            "http://a b",
            "http://:80",
            "http://a:port",
            "http://a:99999",
            "http://a?b",
            "http://a#b",
            "http://user:pass@a",
            "http://[::1",
            "http://a\n",
            "http://ä",
        ] {
            assert!(!is_url(bad), "{bad:?}");
        }
        assert_eq!(without_user("http://me:secret@a:port"), "http://…@a:port");
    }

    #[test]
    fn the_endpoints_are_shown_for_each_service_if_they_differ() {
        let check = |services: &[(Service, &str)], expected: &[&str]| {
            let services = services
                .iter()
                .map(|(service, url)| (*service, (*url).to_owned()));
            assert_eq!(Endpoints(services.collect()).shown(), expected);
        };
        check(&[], &[]);
        check(
            &Service::ALL.map(|service| (service, "http://a")),
            &["http://a"],
        );
        check(
            &[(Service::Iam, "http://a"), (Service::Sts, "http://a")],
            &["AWS (dynamodb, lambda, logs)", "http://a (iam, sts)"],
        );
    }
}
