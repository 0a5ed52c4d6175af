//! The code that a request carries, and the address to download a function's code.

use serde_json::{Value, json};

use crate::api::error::{ApiError, ApiResult};
use crate::api::input::Input;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::encode::from_base64;
use crate::identity::call::Call;
use crate::services::lambda::errors::invalid;
use crate::state::State;
use crate::state::function::Code;
use crate::storage::code_files::StoredZip;

/// How long a download address is valid: ten minutes, as at AWS.
const DOWNLOAD_MILLIS: Millis = 10 * 60 * 1000;

/// Deletes the zips that no function of any region refers to.
pub(crate) async fn sweep(cloud: &Cloud, state: &State) {
    let needed = state.functions().flat_map(|function| function.codes());
    cloud.codes.sweep(needed.map(str::to_owned).collect()).await;
}

/// What the state records of a zip.
pub(crate) fn record(zip: StoredZip) -> Code {
    Code {
        sha256: zip.sha256,
        bytes: zip.bytes,
    }
}

/// The zip in a request.
pub(crate) fn zip_of(input: &Input) -> ApiResult<Vec<u8>> {
    for (member, what) in [("S3Bucket", "S3"), ("ImageUri", "container images")] {
        if input.has(member) {
            return Err(ApiError::missing(&format!(
                "code from {what} for Lambda functions"
            )));
        }
    }
    match input.text("ZipFile")? {
        None => Err(invalid("Please provide a source for function code.")),
        Some(text) => from_base64(text)
            .ok_or_else(|| ApiError::new(400, "SerializationException", "ZipFile is not base64")),
    }
}

/// `Code` of GetFunction: where to download the zip without a signature, for a limited time.
pub(crate) fn location(cloud: &Cloud, call: &Call, state: &State, code: &Code) -> Value {
    let expires = call.now + DOWNLOAD_MILLIS;
    let (sha256, url) = (&code.sha256, cloud.endpoint_url());
    let seal = state.keys.seal_download(sha256, expires);
    json!({
        "RepositoryType": "S3",
        "Location": format!("{url}/_local/code/{sha256}?expires={expires}&seal={seal}"),
    })
}
