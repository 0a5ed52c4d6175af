//! SDK errors, classified once. The rest of the program branches on the kind.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::quotas::Quota;
use super::response;
use super::texts::{
    HIDDEN, classify, classify_without_response, explicit_deny, is_about_certificates,
    is_about_the_clock, missing_statement, without_environment,
};

use crate::disk_full;

pub use super::texts::CloudErrorKind;

/// The hint where there are no credentials, or AWS does not accept them.
pub const NO_CREDENTIALS: &str = "log in (`aws login`, `aws sso login`), or choose other credentials (--profile, \
                                  AWS_PROFILE); or use the local cloud, without an account: `… --local`";

/// A failed request: what was being done to which resource, and what AWS answered.
#[derive(Debug)]
pub struct CloudError {
    pub doing: String,
    pub kind: CloudErrorKind,
    pub code: Option<String>,
    pub message: String,
    /// What AWS's support asks for.
    pub request_id: Option<String>,
}

impl CloudError {
    /// For `map_err`: `.map_err(CloudError::of("describe table Rides"))`.
    pub fn of<E, R>(doing: impl Into<String>) -> impl FnOnce(SdkError<E, R>) -> CloudError
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: fmt::Debug + 'static,
    {
        let doing = doing.into();
        move |error| {
            let code = error.code().map(str::to_owned);
            let response = error.raw_response().map(|raw| raw as &dyn Any);
            let response = response.and_then(|raw| raw.downcast_ref::<HttpResponse>());
            let (kind, message) = match (&error, response) {
                // AWS's errors have a code or a text, each in a form that the SDK reads.
                (_, Some(response)) if code.is_none() && error.message().is_none() => {
                    (not_of_aws(response), response::excerpt(response))
                }
                (SdkError::ServiceError(context), _) => {
                    let message = context.err().message().unwrap_or_default();
                    let message = without_environment(message);
                    (
                        classify(code.as_deref().unwrap_or_default(), &message),
                        message,
                    )
                }
                (
                    SdkError::ConstructionFailure(_)
                    | SdkError::TimeoutError(_)
                    | SdkError::DispatchFailure(_)
                    | SdkError::ResponseError(_)
                    | _,
                    _,
                ) => {
                    let message = chain(&error);
                    (classify_without_response(&message), message)
                }
            };
            CloudError {
                doing,
                kind,
                code,
                message,
                request_id: response.and_then(response::request_id),
            }
        }
    }

    /// A response without a member that AWS always sends.
    pub fn incomplete(doing: impl Into<String>, missing: &str) -> CloudError {
        CloudError {
            doing: doing.into(),
            kind: CloudErrorKind::Incomplete,
            code: None,
            message: format!("the response has no `{missing}`"),
            request_id: None,
        }
    }

    /// Hides a secret that the request contained, should AWS quote it. Not one of a few characters: it is
    /// in too many words.
    pub fn hide(&mut self, secret: &str) {
        const SHORTEST: usize = 4;
        if secret.len() >= SHORTEST {
            self.message = self.message.replace(secret, HIDDEN);
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            CloudErrorKind::Busy
                | CloudErrorKind::BeingDeleted
                | CloudErrorKind::Throttled
                | CloudErrorKind::Unavailable
        )
    }

    /// Whether another change is in progress or the service throttles: waiting helps.
    pub fn is_busy(&self) -> bool {
        matches!(
            self.kind,
            CloudErrorKind::Busy | CloudErrorKind::BeingDeleted | CloudErrorKind::Throttled
        )
    }

    /// Whether the request was rejected as malformed, or because of the state of the resource.
    pub fn is_validation(&self) -> bool {
        self.code.as_deref() == Some("ValidationException")
    }

    pub fn hint(&self) -> Option<String> {
        let hint = match self.kind {
            CloudErrorKind::Denied => return Some(self.denied_hint()),
            CloudErrorKind::NoCredentials if self.is_about_the_clock() => {
                "the clock of this machine differs from AWS's by more than 5 minutes: set it, then run again: `…`"
            }
            CloudErrorKind::NoCredentials => NO_CREDENTIALS,
            CloudErrorKind::Unavailable if disk_full::is_told(&self.message) => disk_full::HINT,
            CloudErrorKind::Unavailable if is_about_certificates(&self.message) => {
                "the certificate is signed by an authority that is not trusted here: add its certificate to the \
                 file in AWS_CA_BUNDLE, `ca_bundle` of the profile, or SSL_CERT_FILE; a proxy may have replaced AWS's"
            }
            CloudErrorKind::Unavailable => {
                "check the network, `--region` and `--endpoint-url`, then run again: `…`"
            }
            CloudErrorKind::NotOfAws => {
                "a proxy, a captive portal or another program answered in place of AWS: check the network, \
                 HTTPS_PROXY and `--endpoint-url`, then run again: `…`"
            }
            CloudErrorKind::Incomplete => {
                "AWS always sends it: check the endpoint in `--endpoint-url` or AWS_ENDPOINT_URL"
            }
            CloudErrorKind::Throttled
            | CloudErrorKind::Busy
            | CloudErrorKind::BeingDeleted
            | CloudErrorKind::Stale => "to continue, run it again: `…`",
            CloudErrorKind::AlreadyExists => {
                "it was created during this run; `provision plan` shows the owner"
            }
            CloudErrorKind::NotFound => "if it was deleted during this run, run it again: `…`",
            // The environment is encrypted for a role that has been deleted since.
            CloudErrorKind::Rejected if self.is_about_the_key() => {
                "the role was created again, or is not allowed to use the key; `provision up` \
                 assigns the role to the function again"
            }
            CloudErrorKind::Protected => {
                "its deletion protection was enabled during this run; `…` disables it and continues"
            }
            CloudErrorKind::Cooldown => "AWS accepts the change later; then run it again: `…`",
            CloudErrorKind::Rejected if self.quota().is_some() => {
                return self.quota().map(Quota::hint);
            }
            CloudErrorKind::Rejected => "fix what AWS reports, then run again: `…`",
            CloudErrorKind::RoleNotAssumable => return None,
        };
        Some(hint.to_owned())
    }

    /// The quota of the account that the request would exceed.
    fn quota(&self) -> Option<Quota> {
        Quota::reached(self.code.as_deref()?, &self.message)
    }

    /// Whether Lambda could not decrypt the environment variables for the function's role.
    pub fn is_about_the_key(&self) -> bool {
        self.code.as_deref() == Some("KMSAccessDeniedException")
    }

    /// Whether the request was rejected because of the time in its signature.
    pub fn is_about_the_clock(&self) -> bool {
        is_about_the_clock(self.code.as_deref().unwrap_or_default(), &self.message)
    }

    fn denied_hint(&self) -> String {
        if let Some((policy, action)) = explicit_deny(&self.message) {
            return format!("{policy} denies it: remove {action} from its Deny statement");
        }
        missing_statement(&self.message)
            .unwrap_or_else(|| "the caller's policy does not allow this request".to_owned())
    }

    /// The cause alone, for an error whose text is `doing`.
    pub fn into_cause(self) -> CloudCause {
        CloudCause {
            code: self.code,
            message: self.message,
            request_id: self.request_id,
        }
    }
}

/// A failing server may be AWS's, whatever it sends; anything else is a proxy's page.
fn not_of_aws(response: &HttpResponse) -> CloudErrorKind {
    if response.status().is_server_error() {
        CloudErrorKind::Unavailable
    } else {
        CloudErrorKind::NotOfAws
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)
    }
}

impl StdError for CloudError {}

/// The code and the message of AWS.
#[derive(Debug)]
pub struct CloudCause {
    code: Option<String>,
    message: String,
    request_id: Option<String>,
}

impl CloudCause {
    /// Without the request ID.
    pub fn text(&self) -> String {
        match (&self.code, self.message.is_empty()) {
            (Some(code), true) => code.clone(),
            (Some(code), false) => format!("{code}: {}", self.message),
            (None, _) => self.message.clone(),
        }
    }
}

impl fmt::Display for CloudCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())?;
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl StdError for CloudCause {}

/// The causes from the outermost to the root, each once.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // Some errors repeat their source in their own text.
        if !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::{CloudError, CloudErrorKind};

    #[test]
    fn a_denied_request_has_a_hint_with_the_missing_statement() {
        let check = |why: &str, expected: &str| {
            let error = CloudError {
                doing: "create role X".to_owned(),
                kind: CloudErrorKind::Denied,
                code: Some("AccessDenied".to_owned()),
                message: format!(
                    "User: arn:aws:iam::1:user/a is not authorized to perform: iam:CreateRole on \
                     resource: arn:aws:iam::1:role/X {why}"
                ),
                request_id: None,
            };
            assert_eq!(error.hint().as_deref(), Some(expected));
        };
        let statement = "needs {\"Effect\":\"Allow\",\"Action\":\"iam:CreateRole\",\
                         \"Resource\":\"arn:aws:iam::1:role/X\"}";
        check(
            "because no identity-based policy allows the iam:CreateRole action",
            &format!("the caller's policy {statement}"),
        );
        check(
            "because no permissions boundary allows the iam:CreateRole action",
            &format!("the caller's permissions boundary {statement}"),
        );
        check(
            "with an explicit deny in an identity-based policy",
            "an identity-based policy denies it: remove iam:CreateRole from its Deny statement",
        );
    }
}
