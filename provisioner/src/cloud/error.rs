//! SDK errors, classed once. Everything else in the program branches on the kind.

use std::error::Error as StdError;
use std::fmt;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudErrorKind {
    NotFound,
    AlreadyExists,
    /// Something else is going on with this resource; waiting helps.
    Busy,
    /// Lambda can't assume the role: too young, missing, or with a wrong trust policy. One text
    /// for all three.
    RoleNotAssumable,
    /// The `RevisionId` we read is no longer the newest: somebody else changed the function.
    Stale,
    Denied,
    NoCredentials,
    Throttled,
    /// The endpoint failed, or its answer was lost: the call may have worked.
    Unavailable,
    /// The answer lacks what AWS always sends.
    Incomplete,
    /// Permanent: the request itself is refused.
    Rejected,
}

/// `doing` tells what was being done to what; the cause keeps AWS's own words.
#[derive(Debug)]
pub struct CloudError {
    pub doing: String,
    pub kind: CloudErrorKind,
    pub code: Option<String>,
    pub message: String,
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
            let (kind, message) = match &error {
                SdkError::ServiceError(context) => {
                    let message = context.err().message().unwrap_or_default().to_owned();
                    (
                        classify(code.as_deref().unwrap_or_default(), &message),
                        message,
                    )
                }
                SdkError::ConstructionFailure(_)
                | SdkError::TimeoutError(_)
                | SdkError::DispatchFailure(_)
                | SdkError::ResponseError(_)
                | _ => {
                    let message = chain(&error);
                    (kind_without_answer(&message), message)
                }
            };
            CloudError {
                doing,
                kind,
                code,
                message,
            }
        }
    }

    /// An answer that lacks what AWS always sends.
    pub fn incomplete(doing: impl Into<String>, missing: &str) -> CloudError {
        CloudError {
            doing: doing.into(),
            kind: CloudErrorKind::Incomplete,
            code: None,
            message: format!("the answer has no `{missing}`"),
        }
    }

    /// Trying the same call again later may work.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            CloudErrorKind::Busy | CloudErrorKind::Throttled | CloudErrorKind::Unavailable
        )
    }

    pub fn hint(&self) -> Option<String> {
        let hint = match self.kind {
            CloudErrorKind::Denied => return Some(self.denied_hint()),
            CloudErrorKind::NoCredentials => {
                "log in (`aws login`, `aws sso login`), set AWS_PROFILE or pass --profile; \
                 or try it without an account: `provision up --local`"
            }
            CloudErrorKind::Unavailable => {
                "check the network, `--region` and `--endpoint-url`, then go on from what is \
                 there: `…`"
            }
            CloudErrorKind::Incomplete => {
                "AWS always sends it: check what answers at `--endpoint-url` or AWS_ENDPOINT_URL"
            }
            CloudErrorKind::Throttled | CloudErrorKind::Busy | CloudErrorKind::Stale => {
                "go on from what is there: `…`"
            }
            CloudErrorKind::AlreadyExists => {
                "somebody else made it while this ran; `provision plan` shows whose it is"
            }
            CloudErrorKind::NotFound => "if somebody removed it, go on from what is there: `…`",
            // The environment is encrypted for a role that has been deleted since.
            CloudErrorKind::Rejected if self.is_about_the_key() => {
                "the role was made anew, or may not use the key; `provision up` points the \
                 function at the role again"
            }
            CloudErrorKind::Rejected => "mend what AWS names, then go on: `…`",
            CloudErrorKind::RoleNotAssumable => return None,
        };
        Some(hint.to_owned())
    }

    fn is_about_the_key(&self) -> bool {
        self.code.as_deref() == Some("KMSAccessDeniedException")
    }

    fn denied_hint(&self) -> String {
        if let Some((_, policy)) = self.message.split_once("with an explicit deny in ") {
            let action = after(&self.message, ACTION).unwrap_or("the call");
            return format!("{policy} denies it: take {action} out of its Deny statement");
        }
        missing_statement(&self.message)
            .unwrap_or_else(|| "the caller's policy does not allow this call".to_owned())
    }

    /// The cause alone, for an error whose text is `doing`.
    pub fn into_cause(self) -> CloudCause {
        CloudCause {
            code: self.code,
            message: self.message,
        }
    }
}

const ACTION: &str = "is not authorized to perform: ";

/// From one of AWS's texts to the statement that is missing, and where:
/// `… is not authorized to perform: iam:PassRole on resource: ARN because no … policy allows …`
pub fn missing_statement(message: &str) -> Option<String> {
    let action = after(message, ACTION)?;
    let resource = resource_named(message);
    let limits = [
        "permissions boundary",
        "session policy",
        "service control policy",
        "resource control policy",
        "VPC endpoint policy",
    ];
    let limit = limits
        .into_iter()
        .find(|limit| message.contains(&format!("because no {limit} allows")));
    let policy = limit.unwrap_or("policy");
    Some(format!(
        "the caller's {policy} needs {{\"Effect\":\"Allow\",\"Action\":\"{action}\",\
         \"Resource\":\"{resource}\"}}"
    ))
}

/// IAM says `role X` where the other services give an ARN.
fn resource_named(message: &str) -> String {
    match after(message, "on resource: ") {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        Some("role") => {
            let name = after(message, "on resource: role ").unwrap_or("*");
            format!("arn:*:iam::*:role/{name}")
        }
        _ => "*".to_owned(),
    }
}

/// The word that follows `marker` in one of AWS's texts.
pub fn after<'a>(message: &'a str, marker: &str) -> Option<&'a str> {
    let rest = &message[message.find(marker)? + marker.len()..];
    rest.split_whitespace().next()
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.doing)
    }
}

impl StdError for CloudError {}

/// AWS's own words.
#[derive(Debug)]
pub struct CloudCause {
    code: Option<String>,
    message: String,
}

impl fmt::Display for CloudCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, self.message.is_empty()) {
            (Some(code), true) => f.write_str(code),
            (Some(code), false) => write!(f, "{code}: {}", self.message),
            (None, _) => f.write_str(&self.message),
        }
    }
}

impl StdError for CloudCause {}

/// Code plus the shortest stable fragment: one code carries transient and permanent causes.
/// Texts hold names and times, so never the whole text.
fn classify(code: &str, message: &str) -> CloudErrorKind {
    let says = |fragment: &str| message.contains(fragment);
    match code {
        "ResourceInUseException" if says("Table already exists") => CloudErrorKind::AlreadyExists,
        "ResourceInUseException" => CloudErrorKind::Busy,
        "ResourceConflictException" if says("already exist") => CloudErrorKind::AlreadyExists,
        "ResourceConflictException" | "OperationAbortedException" | "ConcurrentModification" => {
            CloudErrorKind::Busy
        }
        "ContinuousBackupsUnavailableException" | "DeleteConflict" => CloudErrorKind::Busy,
        "EntityAlreadyExists" | "ResourceAlreadyExistsException" => CloudErrorKind::AlreadyExists,
        "ResourceNotFoundException" | "NoSuchEntity" | "TableNotFoundException"
        // moto's word for a missing table in DescribeTimeToLive.
        | "ResourceNotFound" => {
            CloudErrorKind::NotFound
        }
        "InvalidParameterValueException"
            if says("cannot be assumed by Lambda")
                || says("execution role does not have permissions")
                || says("KMS key is invalid for CreateGrant") =>
        {
            CloudErrorKind::RoleNotAssumable
        }
        "PreconditionFailedException" => CloudErrorKind::Stale,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation" => CloudErrorKind::Denied,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "ExpiredToken"
        | "ExpiredTokenException" => CloudErrorKind::NoCredentials,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceededException"
        // Not IAM's `LimitExceeded`, which is a quota.
        | "LimitExceededException" => CloudErrorKind::Throttled,
        "InternalFailure" | "InternalServerError" | "InternalError" | "ServiceException"
        | "ServiceUnavailable" | "ServiceUnavailableException" | "ServiceFailure" => {
            CloudErrorKind::Unavailable
        }
        _ => CloudErrorKind::Rejected,
    }
}

/// No answer from the service: credentials that could not be loaded look like a failed dispatch.
fn kind_without_answer(message: &str) -> CloudErrorKind {
    let credentials = [
        "credentials",
        "identity resolver",
        "the SSO session",
        "CredentialsError",
    ];
    if credentials.iter().any(|word| message.contains(word)) {
        CloudErrorKind::NoCredentials
    } else {
        CloudErrorKind::Unavailable
    }
}

/// The causes from the outermost to the root, each once.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // Some tell their source in their own text already.
        if !texts.iter().any(|told| told.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::{CloudError, CloudErrorKind, classify};

    #[test]
    fn one_code_carries_transient_and_permanent_causes() {
        let check = |code, message, kind| assert_eq!(classify(code, message), kind, "{code}");
        let in_use = "ResourceInUseException";
        check(
            in_use,
            "Table already exists: Rides",
            CloudErrorKind::AlreadyExists,
        );
        check(
            in_use,
            "Table is being created: Rides",
            CloudErrorKind::Busy,
        );
        check(in_use, "Table tags are being updated", CloudErrorKind::Busy);
        let conflict = "ResourceConflictException";
        check(
            conflict,
            "Function already exist: RequestUnicorn",
            CloudErrorKind::AlreadyExists,
        );
        check(
            conflict,
            "An update is in progress for resource: x",
            CloudErrorKind::Busy,
        );
        let invalid = "InvalidParameterValueException";
        check(
            invalid,
            "The role defined for the function cannot be assumed by Lambda.",
            CloudErrorKind::RoleNotAssumable,
        );
        check(
            invalid,
            "Could not unzip uploaded file",
            CloudErrorKind::Rejected,
        );
        check(
            "LimitExceeded",
            "Maximum policy size",
            CloudErrorKind::Rejected,
        );
        check(
            "LimitExceededException",
            "Table tags are being updated",
            CloudErrorKind::Throttled,
        );
        check(
            "ValidationException",
            "Resource cannot be deleted as it is currently protected against deletion",
            CloudErrorKind::Rejected,
        );
    }

    #[test]
    fn a_denied_call_names_what_is_missing_and_where() {
        let check = |why: &str, expected: &str| {
            let error = CloudError {
                doing: "create role X".to_owned(),
                kind: CloudErrorKind::Denied,
                code: Some("AccessDenied".to_owned()),
                message: format!(
                    "User: arn:aws:iam::1:user/a is not authorized to perform: iam:CreateRole on \
                     resource: arn:aws:iam::1:role/X {why}"
                ),
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
            "an identity-based policy denies it: take iam:CreateRole out of its Deny statement",
        );
    }
}
