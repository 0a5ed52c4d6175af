//! Runs the local cloud in the foreground, for the AWS CLI, the SDKs and curl.

use serde_json::{Value, json};

use crate::cli::{self, Output};
use crate::engine::stop::REQUEST_LIMIT;
use crate::error::{Error, Exit};
use crate::local::{self, Endpoint};
use crate::report::{Event, document, output};
use crate::session::Session;
use crate::target::Target;

/// Would be used before, or in place of, the credentials of the local cloud.
const UNSET: [&str; 2] = ["AWS_SESSION_TOKEN", "AWS_PROFILE"];

pub async fn run(flags: cli::CloudServer, session: &Session) -> Result<Exit, Error> {
    let Target::Local(options) = &session.target else {
        return Err(
            Error::usage("`provision cloud` always runs the local cloud")
                .hint("run `provision cloud --local` instead"),
        );
    };
    let serving = local::serve(options, flags.port, &session.clock).await?;
    let endpoint = &serving.endpoint;
    print(&variables(endpoint, &options.region), session);
    if output::failure().is_some() {
        // Without these lines nothing finds the cloud; `main` reports the failure.
        serving.stop().await;
        return Ok(Exit::Failed);
    }
    let text = format!(
        "the local cloud listens on {}; press ctrl-c to stop it",
        endpoint.url
    );
    session.reporter.report(&Event::Info { text: &text });
    session.stop.set().await;
    // A function may run longer than those who stop this process wait.
    tokio::select! {
        () = serving.stop() => {}
        () = session.stop.expired(REQUEST_LIMIT, &*session.clock) => {}
    }
    Ok(Exit::Done)
}

/// What a program needs in its environment to use this cloud.
fn variables<'a>(endpoint: &'a Endpoint, region: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("AWS_ENDPOINT_URL", &endpoint.url),
        ("AWS_ACCESS_KEY_ID", &endpoint.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &endpoint.secret_access_key),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
    ]
}

/// Lines for a shell, or a document.
fn print(variables: &[(&str, &str)], session: &Session) {
    match session.output {
        Output::Text => {
            let lines = variables
                .iter()
                .map(|(name, value)| format!("export {name}={value}\n"));
            let unset = format!("unset {}\n", UNSET.join(" "));
            session.text(&(lines.collect::<String>() + &unset));
        }
        Output::Json => {
            let set = variables.iter().map(|(name, value)| (*name, json!(value)));
            let unset = UNSET.map(|name| (name, Value::Null));
            let environment: Value = set.chain(unset).collect();
            let body = json!({"environment": environment});
            session.json(&document::document("cloud", None, body));
        }
    }
}
