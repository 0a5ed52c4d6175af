//! AWS's error codes and texts. They are matched here and nowhere else, by code and the shortest stable
//! fragment: texts hold names and times, and one code carries transient and permanent causes.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudErrorKind {
    NotFound,
    AlreadyExists,
    /// Another change of this resource is in progress; waiting helps.
    Busy,
    /// The resource is being deleted.
    BeingDeleted,
    /// The deletion protection of the table or the log group is on.
    Protected,
    /// The setting was changed a while ago, and AWS accepts the next change only after about an hour.
    Cooldown,
    /// Lambda cannot assume the role: it is too new, missing, or has a wrong trust policy. AWS has one
    /// text for all three.
    RoleNotAssumable,
    /// The `RevisionId` that was read is not the newest any more: the function has changed since.
    Stale,
    Denied,
    NoCredentials,
    Throttled,
    /// The endpoint failed, or its response was lost: the request may have succeeded.
    Unavailable,
    /// A response that AWS did not send.
    NotOfAws,
    /// The response lacks a member that AWS always sends.
    Incomplete,
    /// Permanent: AWS rejects the request itself.
    Rejected,
}

/// The kind of a service's error.
pub fn classify(code: &str, message: &str) -> CloudErrorKind {
    let says = |fragment: &str| message.contains(fragment);
    match code {
        "ResourceInUseException" if says("Table already exists") => CloudErrorKind::AlreadyExists,
        "ResourceInUseException" if says("being deleted") => CloudErrorKind::BeingDeleted,
        "ResourceInUseException" => CloudErrorKind::Busy,
        "ValidationException" if says("modified multiple times within a fixed interval") => {
            CloudErrorKind::Cooldown
        }
        "ValidationException" if says("protected against deletion") => CloudErrorKind::Protected,
        // Of a log group. Its text is not recorded.
        "ValidationException" | "InvalidOperationException" if says("eletion protection") => {
            CloudErrorKind::Protected
        }
        "ResourceConflictException" if says("already exist") => CloudErrorKind::AlreadyExists,
        "ResourceConflictException" | "OperationAbortedException" | "ConcurrentModification" => {
            CloudErrorKind::Busy
        }
        "ContinuousBackupsUnavailableException" | "DeleteConflict" => CloudErrorKind::Busy,
        "EntityAlreadyExists" | "ResourceAlreadyExistsException" => CloudErrorKind::AlreadyExists,
        "ResourceNotFoundException" | "NoSuchEntity" | "TableNotFoundException"
        // moto's code for a missing table in DescribeTimeToLive.
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
        | "RequestTimeTooSkewed"
        | "RequestExpired"
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

/// The kind of an error without a response from the service. Credentials that cannot be loaded appear as a
/// failed dispatch.
pub fn classify_without_response(message: &str) -> CloudErrorKind {
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

/// The text without the environment variables that it quotes: `String measured: {…}` and
/// `Value '{…}' at 'environment.variables'`. Values may contain anything, these words too, so the longest
/// possible quotation is removed.
pub fn without_environment(message: &str) -> String {
    let mut text = message.to_owned();
    if let Some((before, _)) = text.split_once(MEASURED) {
        text = format!("{before}{MEASURED}{HIDDEN}");
    }
    let end = text.rfind("' at 'environment");
    if let (Some(start), Some(end)) = (text.find(QUOTED), end)
        && start + QUOTED.len() <= end
    {
        text.replace_range(start + QUOTED.len()..end, HIDDEN);
    }
    text
}

const MEASURED: &str = "String measured: ";
const QUOTED: &str = "Value '";

/// What stands for a value that is not shown.
pub const HIDDEN: &str = "…";

/// Whether AWS rejects a signature because of its time.
pub fn is_about_the_clock(code: &str, message: &str) -> bool {
    let texts = ["Signature expired", "Signature not yet current"];
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired")
        || texts.iter().any(|text| message.contains(text))
}

/// Whether rustls does not trust the authority that signed the endpoint's certificate.
pub fn is_about_certificates(message: &str) -> bool {
    message.contains("UnknownIssuer") || message.contains("CaUsedAsEndEntity")
}

/// Whether IAM does not evaluate the actions of a simulation in one request.
pub fn is_about_mixed_actions(message: &str) -> bool {
    message.contains("require different authorization information")
}

/// Why a function's write failed, by the code that it logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFailure {
    Denied,
    /// The credentials are not known everywhere yet.
    UnknownCredentials,
    Transient,
    Permanent,
}

pub fn write_failure(code: &str) -> WriteFailure {
    match code {
        "AccessDeniedException" | "AccessDenied" => WriteFailure::Denied,
        "UnrecognizedClientException" => WriteFailure::UnknownCredentials,
        "ResourceNotFoundException"
        | "ThrottlingException"
        | "InternalServerError"
        | "ProvisionedThroughputExceededException" => WriteFailure::Transient,
        _ => WriteFailure::Permanent,
    }
}

/// The resource that a denial names.
pub fn denied_resource(message: &str) -> Option<&str> {
    after(message, "on resource: ")
}

/// Names the policy that denies a call explicitly, and the action.
pub fn explicit_deny(message: &str) -> Option<(&str, &str)> {
    let (_, policy) = message.split_once("with an explicit deny in ")?;
    Some((policy, after(message, ACTION).unwrap_or("the call")))
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
fn after<'a>(message: &'a str, marker: &str) -> Option<&'a str> {
    let rest = &message[message.find(marker)? + marker.len()..];
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::{CloudErrorKind, classify, is_about_the_clock, without_environment};

    #[test]
    fn quoted_environments_are_cut() {
        let check = |text: &str, expected| assert_eq!(without_environment(text), expected);
        check(
            r#"exceeded the 4KB limit. String measured: {"KEY":"hunter2 String measured: "}"#,
            "exceeded the 4KB limit. String measured: …",
        );
        check(
            "2 validation errors detected: Value '{KEY=' at 'environment hunter2}' at \
             'environment.variables' failed; Value 'x' at 'handler' failed",
            "2 validation errors detected: Value '…' at 'environment.variables' failed; \
             Value 'x' at 'handler' failed",
        );
        for other in [
            "Value 'x' at 'handler' failed",
            "' at 'environment Value '",
            "",
        ] {
            check(other, other);
        }
    }

    #[test]
    fn a_signature_that_is_too_old_is_not_a_wrong_key() {
        let check = |code: &str, message: &str, expected: bool| {
            assert_eq!(
                classify(code, message),
                CloudErrorKind::NoCredentials,
                "{code}"
            );
            assert_eq!(is_about_the_clock(code, message), expected, "{message}");
        };
        let expired = "Signature expired: 20261128T080000Z is now earlier than 20261128T083500Z";
        check("SignatureDoesNotMatch", expired, true);
        check("InvalidSignatureException", expired, true);
        check(
            "InvalidSignatureException",
            "Signature not yet current: …",
            true,
        );
        check("RequestTimeTooSkewed", "", true);
        let wrong_key =
            "The request signature we calculated does not match the signature you provided.";
        check("SignatureDoesNotMatch", wrong_key, false);
    }

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
        check(
            in_use,
            "Table is being deleted: Rides",
            CloudErrorKind::BeingDeleted,
        );
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
            CloudErrorKind::Protected,
        );
        check(
            "ValidationException",
            "Time to live has been modified multiple times within a fixed interval",
            CloudErrorKind::Cooldown,
        );
        check(
            "ThrottlingException",
            "Deletion protection setting for table Rides was changed a moment ago",
            CloudErrorKind::Throttled,
        );
    }
}
