//! Whose credentials a run uses, where its requests go, and what it says if it cannot: against a stand-in for STS, SSO,
//! a container and EC2.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::stand_in::{AUTHORITY, FAR, StandIn};
use crate::world::{Run, World};

/// No account of the stand-in's: each run is refused, with the account that it got to.
const PROBE: [&str; 3] = ["rides", "--account", "999999999999"];

const ENVIRONMENT: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
    ("AWS_SECRET_ACCESS_KEY", "hunter2"),
];

const PROFILE: &str =
    "[profile other]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = hunter2\n";

/// A home with a `.aws/config`, and what hands out credentials.
struct Scene {
    world: World,
    stand_in: StandIn,
}

impl Scene {
    fn new(config: &str) -> Scene {
        let world = World::new();
        std::fs::create_dir_all(world.path().join(".aws/sso/cache")).expect("a folder");
        world.write(".aws/config", config);
        Scene {
            world,
            stand_in: StandIn::new(),
        }
    }

    /// With nothing in the environment but the way to the stand-in.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.world.command(args);
        let url = self.stand_in.url();
        command
            .env_remove("AWS_EC2_METADATA_DISABLED")
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url)
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_MAX_ATTEMPTS", "1");
        command
    }

    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        Run::of(self.command(args).envs(variables.iter().copied()))
    }

    fn probe(&self, variables: &[(&str, &str)]) -> Run {
        self.run(&PROBE, variables)
    }

    fn probe_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Run {
        self.run(&[&PROBE, args].concat(), variables)
    }

    fn container(&self) -> (&'static str, String) {
        let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
        (name, format!("{}/container", self.stand_in.url()))
    }
}

/// The run got to that account.
#[track_caller]
fn in_account(run: Run, account: &str) -> Run {
    let run = run.says(&format!("account {account}, not to 999999999999"));
    run.exits(4).never_says("hunter2")
}

#[test]
fn a_profile_named_by_flag_is_the_only_source() {
    let scene = Scene::new(PROFILE);
    in_account(scene.probe(&ENVIRONMENT), "111111111111");
    let profile = ["--profile", "other"];
    in_account(scene.probe_with(&profile, &ENVIRONMENT), "222222222222");
    let by_variable = [&ENVIRONMENT[..], &[("PROVISION_PROFILE", "other")]].concat();
    in_account(scene.probe(&by_variable), "222222222222");
    // As in the AWS CLI, keys go before AWS_PROFILE.
    let keys = [&ENVIRONMENT[..], &[("AWS_PROFILE", "other")]].concat();
    in_account(scene.probe(&keys), "111111111111");
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        in_account(scene.probe(&[(name, "other")]), "222222222222");
    }
    scene
        .probe(&[("AWS_PROFILE", "other"), ("AWS_DEFAULT_PROFILE", "another")])
        .exits(2)
        .says("AWS_DEFAULT_PROFILE names `another`");
}

#[test]
fn a_profile_without_credentials_is_not_replaced_by_others() {
    let scene = Scene::new("[profile empty]\nregion = eu-west-1\n");
    let (name, uri) = scene.container();
    let others = [&ENVIRONMENT[..], &[(name, &uri)]].concat();
    scene
        .probe_with(&["--profile", "empty"], &others)
        .exits(5)
        .says("the profile `empty` has no credentials");
    assert!(scene.stand_in.requests().is_empty());
    // AWS_PROFILE may be there for the region alone.
    let container = [("AWS_PROFILE", "empty"), (name, uri.as_str())];
    in_account(scene.probe(&container), "444444444444");
}

#[test]
fn a_missing_profile_is_an_error_whatever_other_credentials_there_are() {
    let scene = Scene::new(&format!(
        "{PROFILE}[profile dev]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = gone\n"
    ));
    let (container, uri) = scene.container();
    let path = scene.world.path().join(".aws/config");
    let known = format!("{} has the profiles dev, other", path.display());
    let check = |args: &[&str], variables: &[(&str, &str)]| {
        let variables = [&ENVIRONMENT[..], &[(container, &uri)], variables].concat();
        let run = scene.run(args, &variables).exits(5);
        assert!(scene.stand_in.requests().is_empty(), "{args:?}");
        run.says(&known)
            .says("credentials does not exist")
            .never_says("hunter2")
    };
    for command in [
        vec!["status"],
        vec!["plan"],
        vec!["down", "--yes", "--delete-data"],
    ] {
        let by_flag = [&command[..], &["--profile", "absent"]].concat();
        check(&by_flag, &[]).says("error: the profile `absent` does not exist");
        check(&command, &[("AWS_PROFILE", "absent")])
            .says("the profile `absent`, which AWS_PROFILE names, does not exist")
            .says(&format!("`provision {} --profile dev`", command.join(" ")));
        check(&command, &[("AWS_DEFAULT_PROFILE", "absent")]).says("AWS_DEFAULT_PROFILE names");
        check(&command, &[("AWS_PROFILE", "dev")])
            .says("the profile `gone`, which is the `source_profile` of the profile `dev`");
    }
    let elsewhere = scene.world.write("profiles", "[only]\n");
    scene
        .probe(&[
            ("AWS_PROFILE", "other"),
            ("AWS_CONFIG_FILE", "/absent"),
            ("AWS_SHARED_CREDENTIALS_FILE", "~/profiles"),
        ])
        .exits(5)
        .says("/absent does not exist")
        .says(&format!("{} has the profile only", elsewhere.display()));
    scene.world.write("broken", "[profile a]\nhunter2\n");
    scene
        .probe(&[("AWS_CONFIG_FILE", "~/broken")])
        .exits(2)
        .says("broken\n  because: line 2: ")
        .never_says("hunter2");
}

#[test]
fn every_source_of_the_default_chain_is_found() {
    let scene = Scene::new("");
    in_account(scene.probe(&[]), "555555555555");
    let (name, uri) = scene.container();
    in_account(scene.probe(&[(name, &uri)]), "444444444444");
    scene.world.write("token", "a token");
    let token = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
        ("AWS_ENDPOINT_URL_STS", &scene.stand_in.url()),
    ];
    in_account(scene.probe(&token), "777777777777");
    // Each role is assumed once, however many clients there are.
    let assumed = scene.stand_in.requests();
    let assumed = assumed
        .iter()
        .filter(|request| request.contains("WebIdentity"));
    assert_eq!(assumed.count(), 1);
    // EC2's region, too.
    let mut command = scene.command(&PROBE);
    let run = Run::of(command.env_remove("AWS_REGION"));
    in_account(run, "555555555555").says("region eu-west-3");
}

#[test]
fn without_credentials_the_error_names_the_ways_to_get_some() {
    let scene = Scene::new("");
    let nobody = [("AWS_EC2_METADATA_DISABLED", "true"), ("AWS_PROFILE", "")];
    scene
        .probe(&nobody)
        .exits(5)
        .says("error: there are no credentials\n  because: none in AWS_ACCESS_KEY_ID, the profile `default`")
        .says("`aws login`")
        .says("`provision rides --local`");
    for (one, other) in [
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
    ] {
        scene
            .probe(&[(one, "hunter2")])
            .exits(5)
            .says(&format!("{one} is set, but {other} is not"))
            .never_says("hunter2");
    }
    assert!(scene.stand_in.requests().is_empty());
}

#[test]
fn the_refusal_of_an_account_knows_what_was_given() {
    let scene = Scene::new(PROFILE);
    in_account(scene.probe(&ENVIRONMENT), "111111111111")
        .says("AWS_ACCESS_KEY_ID and its like are used: set keys of account 999999999999, or pass --profile");
    let run = scene.probe_with(&["--profile", "other"], &[]);
    in_account(run, "222222222222")
        .says("the profile `other` was chosen: choose one of account 999999999999")
        .says("`provision status --account 222222222222 --profile other`");
    in_account(scene.probe(&[("AWS_PROFILE", "other")]), "222222222222")
        .says("AWS_PROFILE names the profile `other`: name one of account 999999999999");
    in_account(scene.probe(&[]), "555555555555").says("for example with `--profile`");
}

#[test]
fn a_malformed_key_is_named_and_never_shown() {
    let scene = Scene::new(
        "[profile other]\naws_access_key_id = AKIA\n  hunter2\naws_secret_access_key = x\n",
    );
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
    ];
    for (name, _) in keys {
        for bad in ["hunter2\n", "hun ter2", "hunter2é", "\thunter2"] {
            let malformed = [&keys[..], &[(name, bad)]].concat();
            scene
                .probe(&malformed)
                .exits(5)
                .says(&format!("error: the key in {name} is malformed"))
                .never_says("hun");
        }
    }
    scene
        .probe_with(&["--profile", "other"], &[])
        .exits(5)
        .says("the key in `aws_access_key_id` of the profile `other` is malformed")
        .never_says("hunter2");
    scene.stand_in.end_key_in(r"\n");
    let (name, uri) = scene.container();
    scene
        .probe(&[(name, &uri)])
        .exits(5)
        .says("the secret access key has a space, a line break or another character")
        .never_says("hunter2");
}

#[test]
fn an_empty_variable_is_not_set() {
    let scene = Scene::new("[default]\nendpoint_url =\nregion =\n");
    let names = [
        VARIABLES,
        &["PROVISION_PROFILE", "PROVISION_REGION", "SSL_CERT_FILE"],
    ]
    .concat();
    for name in names {
        let stays = ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_ENDPOINT_URL"];
        if stays.contains(&name) {
            continue;
        }
        in_account(scene.probe(&[(name, "")]), "555555555555");
    }
    let region = [("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "ap-south-1")];
    scene.probe(&region).says("region ap-south-1");
    // Nothing is left of the endpoint but the profile's, and there an empty one is not set either.
    let url = scene.stand_in.url();
    let elsewhere = [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_STS", &url)];
    in_account(scene.probe(&elsewhere), "555555555555").says(&format!(
        "AWS (dynamodb, iam, lambda, logs), endpoint {url} (sts)"
    ));
}

/// What the SDK reads.
const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCOUNT_ID",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_CA_BUNDLE",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "AWS_EXECUTION_ENV",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_MAX_ATTEMPTS",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_RETRY_MODE",
    "AWS_ROLE_ARN",
    "AWS_SDK_UA_APP_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
];

/// Those of them that are read only where the environment has no keys.
const OF_SOURCES: &[&str] = &[
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_STS",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

#[test]
fn no_value_of_a_variable_is_met_with_a_panic() {
    let scene = Scene::new("");
    let token = [
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", ".aws/config"),
    ];
    let (container, uri) = scene.container();
    let check = |variables: &[(&str, &str)], name: &str, value: &str| {
        let run = scene.probe(&[variables, &[(name, value)]].concat());
        let told = format!("{name}={value:?}: {}\n{}", run.code, run.stderr);
        assert!([1, 2, 4, 5].contains(&run.code), "{told}");
        run.says("hint: ")
            .never_says("panicked")
            .never_says("fault in");
    };
    let check_all = &|value: &str| {
        for name in VARIABLES {
            check(&ENVIRONMENT, name, value);
        }
        for name in OF_SOURCES {
            check(&[], name, value);
        }
        // What no header can carry.
        for name in OF_SOURCES.iter().filter(|_| ["\n", "é"].contains(&value)) {
            check(&token, name, value);
            check(&[(container, &uri)], name, value);
        }
    };
    // Some lead to addresses where nobody answers.
    std::thread::scope(|scope| {
        for value in ["\n", ":::", "http://", "//", "é", "0", "a b"] {
            scope.spawn(move || check_all(value));
        }
    });
}

#[test]
fn a_malformed_url_or_setting_is_a_usage_error() {
    let scene = Scene::new(
        "[profile dev]\nendpoint_url = localhost:4566\n[profile many]\nmax_attempts = many\n",
    );
    for (name, value) in [
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("AWS_ENDPOINT_URL_STS", "http://"),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://me:hunter2@a"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_RETRY_MODE", "often"),
        ("AWS_USE_FIPS_ENDPOINT", "maybe"),
        ("AWS_ACCOUNT_ID", "me"),
        ("HTTPS_PROXY", "http://me:hunter2@:port"),
        ("AWS_REGION", "here"),
    ] {
        let run = scene.probe(&[&ENVIRONMENT[..], &[(name, value)]].concat());
        let run = run.exits(2).says("is malformed").never_says("hunter2");
        if name != "AWS_REGION" {
            run.says(name);
        }
    }
    let mut command = scene.command(&["rides", "--profile", "dev"]);
    Run::of(command.env_remove("AWS_ENDPOINT_URL"))
        .exits(2)
        .says("the endpoint `localhost:4566` in `endpoint_url` of the profile `dev` is malformed");
    let mut command = scene.command(&["rides", "--profile", "many"]);
    Run::of(command.env_remove("AWS_MAX_ATTEMPTS"))
        .exits(2)
        .says("the value `many` of `max_attempts` of the profile `many` is malformed");
    // The AWS CLI's older mode.
    in_account(scene.probe(&[("AWS_RETRY_MODE", "legacy")]), "555555555555");
}

#[test]
fn the_first_line_says_where_each_request_goes() {
    let scene = Scene::new("");
    let url = scene.stand_in.url();
    let config = format!(
        "[default]\nendpoint_url = http://127.0.0.1:1\nservices = s\n\
         [services s]\nsts =\n  endpoint_url = {url}\niam =\n  endpoint_url = {url}\n"
    );
    scene.world.write(".aws/config", config);
    let probe = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&PROBE, args].concat();
        let mut command = scene.command(&args);
        command.env_remove("AWS_ENDPOINT_URL").envs(ENVIRONMENT);
        Run::of(command.envs(variables.iter().copied()))
    };
    let split = format!("http://127.0.0.1:1 (dynamodb, lambda, logs), endpoint {url} (iam, sts)\n");
    in_account(probe(&[], &[]), "111111111111").says(&split);
    let everything = format!("stage default, endpoint {url}\n");
    in_account(probe(&[], &[("AWS_ENDPOINT_URL", &url)]), "111111111111").says(&everything);
    let flag = ["--endpoint-url", &url];
    in_account(probe(&flag, &[]), "111111111111").says(&everything);
    let ignore = [
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ];
    in_account(probe(&flag, &ignore), "111111111111").says(&everything);
    // Without the flag they really are ignored: AWS's name is not known to the proxy's world.
    let url_of_proxy = [&ignore[..], &[("HTTPS_PROXY", &url)]].concat();
    probe(&[], &url_of_proxy).exits(1).says("UnknownIssuer");
    assert!(scene.stand_in.requests().len() >= 4);
    // Nor is the role of a profile assumed there, where the variable and the profile name an endpoint.
    let role = format!(
        "[profile role]\nrole_arn = arn:aws:iam::3:role/r\ncredential_source = Environment\nendpoint_url = {url}\n"
    );
    scene.world.write(".aws/config", role);
    in_account(probe(&["--profile", "role"], &[]), "333333333333");
    let expected = [
        "AssumeRole by AKIAENVIRONMENT",
        "GetCallerIdentity by ASIAROLE",
    ];
    assert_eq!(scene.stand_in.requests(), expected);
    let ignored = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ignore[0],
        ("HTTPS_PROXY", &url),
    ];
    let run = probe(&["--profile", "role"], &ignored).exits(1);
    run.says("get credentials from the profile `role`")
        .says("UnknownIssuer");
    assert!(scene.stand_in.requests().is_empty());
}

#[test]
fn the_authority_of_a_bundle_is_trusted() {
    let scene = Scene::new("[default]\nca_bundle = ~/authority.pem\n");
    let pem = scene.world.write("authority.pem", AUTHORITY);
    let tls_url = scene.stand_in.tls_url();
    let over_tls = [&ENVIRONMENT[..], &[("AWS_ENDPOINT_URL_STS", &tls_url)]].concat();
    let with = |name: &'static str, value: &str| {
        scene.probe(
            &[
                &over_tls[..],
                &[(name, value), ("AWS_CONFIG_FILE", "/absent")],
            ]
            .concat(),
        )
    };
    let pem = pem.to_str().expect("a path");
    in_account(with("AWS_CA_BUNDLE", pem), "111111111111");
    in_account(with("SSL_CERT_FILE", pem), "111111111111");
    in_account(scene.probe(&over_tls), "111111111111");
    assert_eq!(
        scene.stand_in.requests(),
        ["TLS GetCallerIdentity by AKIAENVIRONMENT"; 3]
    );
    with("AWS_PAGER", "")
        .exits(1)
        .says("UnknownIssuer")
        .says("AWS_CA_BUNDLE, `ca_bundle` of the profile, or SSL_CERT_FILE");
    scene.world.write("text.pem", "hello");
    for (name, file, why) in [
        ("AWS_CA_BUNDLE", "absent.pem", "No such file"),
        ("SSL_CERT_FILE", "absent.pem", "No such file"),
        ("AWS_CA_BUNDLE", "text.pem", "there is no certificate in it"),
    ] {
        with(name, file)
            .exits(2)
            .says(why)
            .says(&format!("from {name}"));
    }
}

#[test]
fn a_proxy_is_used_except_for_what_is_on_this_machine() {
    let scene = Scene::new("[default]\nca_bundle = ~/authority.pem\n");
    scene.world.write("authority.pem", AUTHORITY);
    let (proxy, far) = (scene.stand_in.url(), format!("https://{FAR}"));
    let (container, uri) = scene.container();
    let through = [
        ("HTTPS_PROXY", proxy.as_str()),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_STS", &far),
    ];
    let tunnel = format!("proxy to {FAR}:443: TLS GetCallerIdentity by");
    in_account(
        scene.probe(&[&through[..], &[(container, &uri)]].concat()),
        "444444444444",
    );
    let requests = scene.stand_in.requests();
    assert_eq!(
        requests,
        [
            "GET /container".to_owned(),
            format!("{tunnel} ASIACONTAINER")
        ]
    );
    in_account(scene.probe(&through), "555555555555");
    let requests = scene.stand_in.requests();
    assert_eq!(
        requests.first().map(String::as_str),
        Some("PUT /latest/api/token")
    );
    assert_eq!(requests.last(), Some(&format!("{tunnel} ASIAEC2")));
    // Without the proxy there is no such host.
    let direct = [
        &through[..],
        &ENVIRONMENT[..],
        &[("NO_PROXY", ".provision.test")],
    ]
    .concat();
    scene.probe(&direct).exits(1);
    assert!(scene.stand_in.requests().is_empty());
}

#[test]
fn a_profile_that_needs_mfa_says_how_to_get_a_session() {
    let role = "role_arn = arn:aws:iam::3:role/r\nsource_profile = other\n";
    let serial = "mfa_serial = arn:aws:iam::2:mfa/me\n";
    let scene = Scene::new(&format!(
        "{PROFILE}[profile free]\n{role}[profile mfa]\n{role}{serial}[profile process]\ncredential_process = false\n{serial}"
    ));
    // Without a condition in the role's trust policy no code is needed.
    for profile in ["free", "mfa"] {
        let run = scene.probe_with(&["--profile", profile], &ENVIRONMENT);
        in_account(run, "333333333333");
    }
    let text = "User: arn:aws:iam::2:user/me is not authorized to perform: sts:AssumeRole on resource: \
                arn:aws:iam::3:role/r";
    scene.stand_in.refuse("AccessDenied", text);
    scene
        .probe_with(&["--profile", "mfa"], &[])
        .exits(5)
        .says("error: get credentials from the profile `mfa`\n  because: AccessDenied: User: arn:aws:iam::2:user/me")
        .says("asks for a code of arn:aws:iam::2:mfa/me")
        .says("`eval \"$(aws configure export-credentials --profile mfa --format env)\"`")
        .says("`provision rides --account 999999999999`")
        .never_says("Some(");
    scene
        .probe_with(&["--profile", "free"], &[])
        .exits(5)
        .says(r#"hint: the caller's policy needs {"Effect":"Allow","Action":"sts:AssumeRole""#)
        .never_says("Some(");
    scene
        .probe_with(&["--profile", "process"], &[])
        .exits(5)
        .says("`aws sts get-session-token --serial-number arn:aws:iam::2:mfa/me --token-code CODE --profile process`");
}

#[test]
fn a_clock_that_is_wrong_is_named() {
    let scene = Scene::new(&format!(
        "{PROFILE}[profile role]\nrole_arn = arn:aws:iam::3:role/r\nsource_profile = other\n"
    ));
    let skewed = [
        ("RequestTimeTooSkewed", "The difference is too large."),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20261128T080000Z is now earlier than 20261128T083500Z",
        ),
    ];
    for (code, text) in skewed {
        scene.stand_in.refuse(code, text);
        for profile in ["other", "role"] {
            scene
                .probe_with(&["--profile", profile], &[])
                .exits(5)
                .says(&format!("because: {code}: {text}"))
                .says("hint: the clock of this machine differs from AWS's");
        }
    }
    scene.stand_in.refuse(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
    );
    scene
        .probe(&ENVIRONMENT)
        .exits(5)
        .says("hint: log in")
        .never_says("clock");
}

/// A profile `sso-dev`, and one that logs in at the console.
fn sso_scene() -> Scene {
    let sso = "sso_session = corp\nsso_account_id = 666666666666\nsso_role_name = dev\n";
    Scene::new(&format!(
        "[profile sso-dev]\n{sso}[sso-session corp]\nsso_region = eu-west-1\n\
         sso_start_url = https://corp.awsapps.com/start\n\
         [profile console]\nlogin_session = arn:aws:iam::6:user/me\n"
    ))
}

/// What `aws sso login` leaves behind.
fn log_in(scene: &Scene, expires: &str) {
    let token = format!(
        r#"{{"accessToken":"hunter2","expiresAt":"{expires}","region":"eu-west-1","startUrl":"https://corp.awsapps.com/start"}}"#
    );
    // The name is the session's, hashed.
    let name = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    scene.world.write(name, token);
}

/// That it is given up after three attempts is tested in `aws/connect.rs`, on a clock that takes no time.
#[test]
fn a_silent_sso_is_named_after_a_few_seconds() {
    let scene = sso_scene();
    log_in(&scene, "2100-01-01T00:00:00Z");
    // Connections to it are opened by the system, and it reads nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    let mut command = scene.command(&["status", "--profile", "sso-dev"]);
    command
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut told = String::new();
    while !told.contains(&format!("still waiting for credentials from {address}")) {
        assert!(stderr.read_line(&mut told).expect("text") > 0, "{told}");
    }
    child.kill().expect("a process of this test");
    child.wait().expect("an end");
}

#[test]
fn an_expired_session_names_its_profile() {
    let scene = sso_scene();
    let profile = ["--profile", "sso-dev"];
    scene
        .probe_with(&profile, &ENVIRONMENT)
        .exits(5)
        .says("error: get credentials from the profile `sso-dev`")
        .says("hint: log in again: `aws sso login --profile sso-dev`");
    log_in(&scene, "2020-01-01T00:00:00Z");
    scene
        .probe(&[("AWS_PROFILE", "sso-dev")])
        .exits(5)
        .says("hint: log in again: `aws sso login --profile sso-dev`")
        .never_says("EC2");
    log_in(&scene, "2100-01-01T00:00:00Z");
    in_account(scene.probe_with(&profile, &[]), "666666666666");
    scene
        .probe_with(&["--profile", "console"], &[])
        .exits(5)
        .says("hint: log in again: `aws login --profile console`");
    scene
        .stand_in
        .refuse("ExpiredToken", "The security token is expired");
    scene
        .probe_with(&profile, &[])
        .exits(5)
        .says("`aws sso login --profile sso-dev`");
}

#[test]
fn secrets_are_never_told() {
    let scene = Scene::new(&format!(
        "{PROFILE}[profile process]\ncredential_process = echo hunter2; false --key hunter2\n\
         [profile text]\ncredential_process = echo '{{\"Version\":1,\"SecretAccessKey\":\"hunter2\"'\n"
    ));
    for profile in ["process", "text"] {
        scene
            .probe_with(&["--verbose", "--profile", profile], &[])
            .exits(5)
            .says(&format!("get credentials from the profile `{profile}`"))
            .never_says("hunter2");
    }
    let args = |output| ["--verbose", "--output", output, "--profile", "other"];
    for output in ["text", "json"] {
        in_account(scene.probe_with(&args(output), &[]), "222222222222");
    }
    scene
        .stand_in
        .refuse("InvalidClientTokenId", "The security token is invalid.");
    for output in ["text", "json"] {
        let run = scene.probe_with(&args(output), &[]);
        run.exits(5).never_says("hunter2");
    }
}
