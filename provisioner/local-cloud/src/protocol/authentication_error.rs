//! Errors of authentication: the same texts in all protocols, with other codes.

use crate::api::error::ApiError;
use crate::identity::authenticate::AuthenticationError;
use crate::identity::sigv4::SignatureError;

/// The codes of one protocol.
pub(crate) struct Codes {
    missing: &'static str,
    incomplete: &'static str,
    mismatch: &'static str,
    unknown_key: &'static str,
    expired: &'static str,
}

/// The codes of the JSON protocols.
pub(crate) const JSON: Codes = Codes {
    missing: "MissingAuthenticationTokenException",
    incomplete: "IncompleteSignatureException",
    mismatch: "InvalidSignatureException",
    unknown_key: "UnrecognizedClientException",
    expired: "ExpiredTokenException",
};

/// The codes of the query protocol.
pub(crate) const QUERY: Codes = Codes {
    missing: "MissingAuthenticationToken",
    incomplete: "IncompleteSignature",
    mismatch: "SignatureDoesNotMatch",
    unknown_key: "InvalidClientTokenId",
    expired: "ExpiredToken",
};

pub(crate) fn with_codes(error: AuthenticationError, codes: &Codes, status: u16) -> ApiError {
    match error {
        AuthenticationError::Signature(SignatureError::Missing) => ApiError::new(
            status,
            codes.missing,
            "Request is missing Authentication Token",
        ),
        AuthenticationError::Signature(SignatureError::Incomplete(text)) => {
            ApiError::new(status, codes.incomplete, text)
        }
        AuthenticationError::Signature(SignatureError::Mismatch) => ApiError::new(
            status,
            codes.mismatch,
            "The request signature we calculated does not match the signature you provided. Check \
             your AWS Secret Access Key and signing method. Consult the service documentation for \
             details.",
        ),
        AuthenticationError::Signature(SignatureError::Stale(text)) => {
            ApiError::new(status, codes.mismatch, text)
        }
        AuthenticationError::UnknownKey => ApiError::new(
            status,
            codes.unknown_key,
            "The security token included in the request is invalid.",
        ),
        AuthenticationError::Expired => ApiError::new(
            status,
            codes.expired,
            "The security token included in the request is expired",
        ),
    }
}
