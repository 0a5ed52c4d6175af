//! Roles that a token of an identity provider may assume.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_sts::error::ProvideErrorMetadata as _;
use serde_json::{Value, json};

use crate::oidc::{AUDIENCE, HOST, claims, publish_keys, signed, token};
use crate::world::{ROLE, World, with_keys};

const MAIN: &str = "repo:o/r:ref:refs/heads/main";

/// A world with a role that trusts these subjects of the provider.
async fn trusting(operator: &str, subjects: Value) -> World {
    let world = World::new().await;
    publish_keys(world.folder.path());
    let request = world.owner.iam.create_open_id_connect_provider();
    let request = request.url(format!("https://{HOST}"));
    let made = request.client_id_list(AUDIENCE).send().await.expect("made");
    let arn = made.open_id_connect_provider_arn().expect("an ARN");
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {format!("{HOST}:aud"): AUDIENCE},
            operator: {format!("{HOST}:sub"): subjects},
        },
    }});
    let role = world.owner.iam.create_role().role_name("R");
    let role = role.assume_role_policy_document(trust.to_string());
    role.send().await.expect("a role");
    world
}

/// The caller after the role was assumed with the token, or the error's code and text.
async fn assume(world: &World, role: &str, token: &str) -> Result<String, (String, String)> {
    let unsigned = aws_sdk_sts::config::Builder::new()
        .behavior_version_latest()
        .region(aws_sdk_sts::config::Region::new("eu-west-1"))
        .endpoint_url(world.cloud.endpoint_url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .allow_no_auth()
        .build();
    let request = aws_sdk_sts::Client::from_conf(unsigned).assume_role_with_web_identity();
    let request = request.role_arn(role).role_session_name("deploy-1");
    let answer = match request.web_identity_token(token).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            return Err((text(error.code()), text(error.message())));
        }
    };
    let credentials = answer.credentials().expect("credentials");
    assert!(answer.subject_from_web_identity_token().is_some());
    assert_eq!(answer.audience(), Some(AUDIENCE));
    let keys = Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        Some(credentials.session_token().to_owned()),
        None,
        "test",
    );
    let sts = with_keys(&world.cloud.endpoint_url(), keys).sts;
    let caller = sts.get_caller_identity().send().await.expect("a caller");
    Ok(caller.arn().unwrap_or_default().to_owned())
}

#[track_caller]
fn is_refused(result: Result<String, (String, String)>, code: &str, text: &str) {
    let (found, message) = result.expect_err("refused");
    assert_eq!(found, code, "{message}");
    assert!(message.contains(text), "{message}");
}

#[tokio::test]
async fn a_token_with_the_subject_of_the_trust_policy_assumes_the_role() {
    let subjects = [
        MAIN,
        "repo:o/r:environment:production",
        "repo:o/r:pull_request",
        // As new repositories send it, with the IDs of owner and repository.
        "repo:o@12/r@34:ref:refs/heads/main",
    ];
    let now = SystemTime::now();
    for subject in subjects {
        let world = trusting("StringEquals", json!([subject])).await;
        let caller = assume(&world, ROLE, &token(&claims(subject, now))).await;
        let expected = "arn:aws:sts::123456789012:assumed-role/R/deploy-1";
        assert_eq!(caller.as_deref(), Ok(expected));
        for other in subjects.iter().filter(|other| **other != subject) {
            let refused = assume(&world, ROLE, &token(&claims(other, now))).await;
            let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
            is_refused(refused, "AccessDenied", text);
        }
    }
    let world = trusting("StringLike", json!("repo:o/r:*")).await;
    assert!(
        assume(&world, ROLE, &token(&claims(MAIN, now)))
            .await
            .is_ok()
    );
    let elsewhere = "repo:o/r2:ref:refs/heads/main";
    let refused = assume(&world, ROLE, &token(&claims(elsewhere, now))).await;
    is_refused(refused, "AccessDenied", "Not authorized");
    let no_role = ROLE.replace("/R", "/S");
    let refused = assume(&world, &no_role, &token(&claims(MAIN, now))).await;
    is_refused(refused, "AccessDenied", "Not authorized");
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_refused() {
    let world = trusting("StringEquals", json!(MAIN)).await;
    let good = claims(MAIN, SystemTime::now());
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        token(&claims)
    };
    let invalid = "InvalidIdentityToken";
    let with_signature_of_another = {
        let [other, this] = [changed("sub", json!("x")), token(&good)];
        let (_, signature) = other.rsplit_once('.').expect("a signature");
        let (text, _) = this.rsplit_once('.').expect("a signature");
        format!("{text}.{signature}")
    };
    let header = |name: &str, value: &str| {
        let mut header = json!({"alg": "RS256", "kid": "tests"});
        header[name] = json!(value);
        signed(&header, &good)
    };
    for (token, code, text) in [
        ("no token".to_owned(), invalid, "not a valid JWT"),
        (
            changed("iss", json!("https://example.com")),
            invalid,
            "No OpenIDConnect provider found in your account for https://example.com",
        ),
        (
            changed("aud", json!("sts.amazonaws.com.cn")),
            invalid,
            "Incorrect token audience",
        ),
        (
            changed("exp", json!(1_700_000_000)),
            "ExpiredTokenException",
            "must be before the expiration",
        ),
        (changed("exp", Value::Null), invalid, "required claim: exp"),
        (with_signature_of_another, invalid, "signature"),
        (header("alg", "none"), invalid, "signature"),
        (
            header("kid", "other"),
            invalid,
            "Couldn't retrieve verification key",
        ),
    ] {
        is_refused(assume(&world, ROLE, &token).await, code, text);
    }
    std::fs::remove_dir_all(world.folder.path().join("jwks")).expect("removed");
    let refused = assume(&world, ROLE, &token(&good)).await;
    is_refused(refused, invalid, "Couldn't retrieve verification key");
}

#[tokio::test]
async fn a_provider_is_listed_read_and_deleted() {
    let world = trusting("StringEquals", json!(MAIN)).await;
    let iam = &world.owner.iam;
    let listed = iam
        .list_open_id_connect_providers()
        .send()
        .await
        .expect("a list");
    let arn = listed.open_id_connect_provider_list()[0]
        .arn()
        .expect("an ARN");
    assert_eq!(
        arn,
        format!("arn:aws:iam::123456789012:oidc-provider/{HOST}")
    );
    let get = || {
        iam.get_open_id_connect_provider()
            .open_id_connect_provider_arn(arn)
    };
    let provider = get().send().await.expect("the provider");
    assert_eq!(provider.url(), Some(HOST));
    assert_eq!(provider.client_id_list(), [AUDIENCE]);
    let again = iam
        .create_open_id_connect_provider()
        .url(format!("https://{HOST}"));
    let error = again.send().await.expect_err("it exists");
    assert_eq!(error.code(), Some("EntityAlreadyExists"));
    let malformed = iam.create_open_id_connect_provider().url("http://x");
    let error = malformed.send().await.expect_err("no https");
    assert_eq!(error.code(), Some("ValidationError"));
    let delete = iam.delete_open_id_connect_provider();
    let delete = delete.open_id_connect_provider_arn(arn);
    delete.send().await.expect("deleted");
    let error = get().send().await.expect_err("deleted");
    assert_eq!(error.code(), Some("NoSuchEntity"));
    let refused = assume(&world, ROLE, &token(&claims(MAIN, SystemTime::now()))).await;
    is_refused(refused, "InvalidIdentityToken", "No OpenIDConnect provider");
}
