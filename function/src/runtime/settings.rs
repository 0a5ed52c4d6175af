//! The settings, read once from the environment. Lambda sets all of it, so no network is needed.

use crate::contract::env;
use std::path::PathBuf;

/// The function's settings.
pub struct Settings {
    pub table: String,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    pub endpoint_url: Option<String>,
    pub extra_ca: Option<PathBuf>,
    /// Trust the system's root certificates, too.
    pub system_roots: bool,
    pub log_rider: bool,
    pub warm_up: bool,
}

impl Settings {
    pub fn from_env() -> Result<Settings, String> {
        Settings::from(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(get: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let must = |name: &str| get(name).ok_or_else(|| format!("`{name}` is not set"));
        let on = |name: &str| get(name).as_deref() != Some(env::OFF);
        // lambda_runtime panics if this is missing; a user who starts the program by hand should get a
        // message instead.
        must("AWS_LAMBDA_RUNTIME_API").map_err(|why| {
            format!("{why}: this is an AWS Lambda function; `provision up --local` runs it")
        })?;
        let region = must("AWS_REGION")?;
        Ok(Settings {
            table: must(env::TABLE_NAME)?,
            system_roots: !is_below_amazonaws_com(&region),
            region,
            access_key_id: must("AWS_ACCESS_KEY_ID")?,
            secret_access_key: must("AWS_SECRET_ACCESS_KEY")?,
            session_token: get("AWS_SESSION_TOKEN"),
            endpoint_url: get(env::ENDPOINT_URL_DYNAMODB).or_else(|| get(env::ENDPOINT_URL)),
            extra_ca: get(env::EXTRA_CA).map(PathBuf::from),
            log_rider: on(env::LOG_RIDER),
            warm_up: on(env::WARM_UP),
        })
    }
}

/// Whether the endpoints of a region are below amazonaws.com, whose certificates Amazon's own roots sign.
/// China has amazonaws.com.cn, the European Sovereign Cloud amazonaws.eu, and the isolated regions domains
/// of their own.
fn is_below_amazonaws_com(region: &str) -> bool {
    let elsewhere = ["cn-", "eusc-", "us-iso", "eu-iso"];
    !elsewhere.iter().any(|prefix| region.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::Settings;

    fn settings(more: &[(&str, &str)], without: &str) -> Result<Settings, String> {
        let usual = [
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
            ("TABLE_NAME", "Rides"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        Settings::from(|name| {
            let found = more.iter().chain(&usual).find(|(known, _)| *known == name);
            found
                .filter(|_| name != without)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_usual_environment_is_enough() {
        let settings = settings(&[], "").expect("settings");
        assert_eq!(settings.table, "Rides");
        assert_eq!(settings.endpoint_url, None);
        assert!(settings.log_rider && settings.warm_up);
    }

    #[test]
    fn what_is_missing_is_named() {
        for name in [
            "TABLE_NAME",
            "AWS_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_LAMBDA_RUNTIME_API",
        ] {
            let why = settings(&[], name).err().expect("an error");
            assert!(why.contains(&format!("`{name}` is not set")), "{why}");
        }
    }

    #[test]
    fn the_endpoint_of_the_service_wins() {
        let all = ("AWS_ENDPOINT_URL", "http://all");
        let own = ("AWS_ENDPOINT_URL_DYNAMODB", "http://own");
        let url = |more: &[_]| settings(more, "").expect("settings").endpoint_url;
        assert_eq!(url(&[all]).as_deref(), Some("http://all"));
        assert_eq!(url(&[all, own]).as_deref(), Some("http://own"));
    }

    #[test]
    fn the_systems_roots_are_trusted_outside_amazonaws_com() {
        let system = |region| {
            settings(&[("AWS_REGION", region)], "")
                .expect("settings")
                .system_roots
        };
        for region in ["eu-west-1", "us-gov-west-1", "ap-southeast-7"] {
            assert!(!system(region), "{region}");
        }
        for region in [
            "cn-north-1",
            "eusc-de-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
        ] {
            assert!(system(region), "{region}");
        }
    }

    #[test]
    fn features_are_turned_off_by_name() {
        let settings = settings(&[("LOG_RIDER", "off"), ("WARM_UP", "off")], "").expect("settings");
        assert!(!settings.log_rider && !settings.warm_up);
    }
}
