//! Runs the local cloud in the foreground, for the AWS CLI, the SDKs and curl.

use crate::cli;
use crate::error::{Error, Exit};
use crate::local;
use crate::report::{Event, output};
use crate::session::Session;
use crate::target::Target;

pub async fn run(flags: cli::CloudServer, session: &Session) -> Result<Exit, Error> {
    let Target::Local(options) = &session.target else {
        return Err(
            Error::usage("`provision cloud` always runs the local cloud")
                .hint("run `provision cloud --local` instead"),
        );
    };
    let serving = local::serve(options, flags.port, &session.clock).await?;
    let endpoint = &serving.endpoint;
    session.text(&format!(
        "export AWS_ENDPOINT_URL={}\nexport AWS_ACCESS_KEY_ID={}\n\
         export AWS_SECRET_ACCESS_KEY={}\nexport AWS_REGION={}\nexport AWS_DEFAULT_REGION={}\nunset AWS_SESSION_TOKEN AWS_PROFILE\n",
        endpoint.url,
        endpoint.access_key_id,
        endpoint.secret_access_key,
        options.region,
        options.region
    ));
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
    session.stop.clone().set().await;
    serving.stop().await;
    Ok(Exit::Done)
}
