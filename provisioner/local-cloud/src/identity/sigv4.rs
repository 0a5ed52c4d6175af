//! Signature Version 4: reads what a request says about its signature, and verifies it.

use crate::clock::{Millis, parse_signature_date, signature_date};
use crate::encode::{hex, sha256};
use crate::identity::canonical::{Signed, canonical_request, pairs};
use crate::identity::mac::{mac, same};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far the date of a signature may be from the cloud's clock, as at AWS.
const SKEW: Millis = 5 * 60 * 1000;
/// How long a presigned address may be valid: seven days.
const MAX_PRESIGNED_SECONDS: i64 = 7 * 24 * 3600;

/// What a request says about its signature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) access_key_id: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) token: Option<String>,
    day: String,
    date: Millis,
    date_text: String,
    signed_headers: Vec<String>,
    signature: String,
    /// How long a presigned address is valid.
    expires_seconds: Option<i64>,
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SignatureError {
    Missing,
    Incomplete(String),
    Mismatch,
    /// Too old, or dated in the future; the text says which.
    Stale(String),
}

/// The claim in the `Authorization` header or in a presigned address.
pub(crate) fn claim(request: &Signed<'_>) -> Result<Claim, SignatureError> {
    match request.headers.get("authorization") {
        Some(value) => match value.to_str() {
            Ok(value) => from_header(value, request),
            Err(_) => Err(incomplete("Authorization header is not plain text")),
        },
        None => from_query(request),
    }
}

fn from_header(value: &str, request: &Signed<'_>) -> Result<Claim, SignatureError> {
    let Some(fields) = value.trim().strip_prefix(ALGORITHM) else {
        return Err(incomplete(
            "Authorization header requires the AWS4-HMAC-SHA256 algorithm",
        ));
    };
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for field in fields.split(',') {
        match field.trim().split_once('=') {
            Some(("Credential", value)) => credential = Some(value),
            Some(("SignedHeaders", value)) => signed_headers = Some(value),
            Some(("Signature", value)) => signature = Some(value),
            _ => {}
        }
    }
    let need = |field: Option<&str>, name: &str| match field {
        Some(value) if !value.is_empty() => Ok(value.to_owned()),
        _ => Err(incomplete(&format!(
            "Authorization header requires '{name}' parameter"
        ))),
    };
    let header = |name: &str| {
        request
            .headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    let Some(date) = header("x-amz-date") else {
        return Err(incomplete(
            "Authorization header requires existence of 'X-Amz-Date' header",
        ));
    };
    assemble(
        &need(credential, "Credential")?,
        &need(signed_headers, "SignedHeaders")?,
        need(signature, "Signature")?,
        date,
        header("x-amz-security-token"),
        None,
    )
}

fn from_query(request: &Signed<'_>) -> Result<Claim, SignatureError> {
    let field = |name: &str| {
        pairs(request.query)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    if field("X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
        return Err(SignatureError::Missing);
    }
    let need = |name: &str| {
        field(name).ok_or_else(|| incomplete(&format!("query string requires '{name}'")))
    };
    let expires: i64 = match need("X-Amz-Expires")?.parse() {
        Ok(seconds) if (1..=MAX_PRESIGNED_SECONDS).contains(&seconds) => seconds,
        _ => return Err(incomplete("X-Amz-Expires must be between 1 and 604800")),
    };
    assemble(
        &need("X-Amz-Credential")?,
        &need("X-Amz-SignedHeaders")?,
        need("X-Amz-Signature")?,
        need("X-Amz-Date")?,
        field("X-Amz-Security-Token"),
        Some(expires),
    )
}

fn assemble(
    credential: &str,
    signed_headers: &str,
    signature: String,
    date_text: String,
    token: Option<String>,
    expires_seconds: Option<i64>,
) -> Result<Claim, SignatureError> {
    let scope: Vec<&str> = credential.split('/').collect();
    let [access_key_id, day, region, service, "aws4_request"] = scope[..] else {
        return Err(incomplete(
            "Credential must have exactly 5 slash-delimited elements, \
             e.g. keyid/date/region/service/term",
        ));
    };
    let Some(date) = parse_signature_date(&date_text) else {
        return Err(incomplete("Date must be in ISO-8601 'basic format'"));
    };
    if !date_text.starts_with(day) || day.len() != 8 {
        return Err(incomplete(
            "Date in Credential scope does not match YYYYMMDD from X-Amz-Date",
        ));
    }
    let signed_headers: Vec<String> = signed_headers
        .split(';')
        .map(str::to_ascii_lowercase)
        .collect();
    if !signed_headers.iter().any(|name| name == "host") {
        return Err(incomplete("'Host' must be a signed header"));
    }
    Ok(Claim {
        access_key_id: access_key_id.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        token,
        day: day.to_owned(),
        date,
        date_text,
        signed_headers,
        signature,
        expires_seconds,
    })
}

fn incomplete(text: &str) -> SignatureError {
    SignatureError::Incomplete(text.to_owned())
}

impl Claim {
    /// A date is fresh if it is close to either clock: a client may follow the cloud's clock, which
    /// a test moves, or the machine's.
    pub(crate) fn is_fresh(&self, clocks: [Millis; 2]) -> Result<(), SignatureError> {
        let life = self.expires_seconds.map_or(SKEW, |seconds| seconds * 1000);
        let fresh = |now: Millis| self.date.saturating_sub(SKEW) <= now && now <= self.date + life;
        if clocks.into_iter().any(fresh) {
            return Ok(());
        }
        let (signed, now) = (&self.date_text, clocks[0]);
        let text = if self.date > now {
            let limit = signature_date(now + SKEW);
            let now = signature_date(now);
            format!(
                "Signature not yet current: {signed} is still later than {limit} ({now} + 5 min.)"
            )
        } else {
            let limit = signature_date(now - SKEW);
            let now = signature_date(now);
            format!("Signature expired: {signed} is now earlier than {limit} ({now} - 5 min.)")
        };
        Err(SignatureError::Stale(text))
    }

    /// Checks the signature against the secret, in constant time.
    pub(crate) fn verify(&self, secret: &str, request: &Signed<'_>) -> Result<(), SignatureError> {
        let is_presigned = self.expires_seconds.is_some();
        let canonical = canonical_request(request, &self.signed_headers, is_presigned);
        // An absent header that is listed as signed: a proxy removed it.
        let canonical = canonical.ok_or(SignatureError::Mismatch)?;
        let (day, region, service) = (&self.day, &self.region, &self.service);
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let hash = hex(&sha256(canonical.as_bytes()));
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{hash}", self.date_text);
        let mut key = mac(format!("AWS4{secret}").as_bytes(), day.as_bytes());
        for part in [region.as_str(), service, "aws4_request"] {
            key = mac(&key, part.as_bytes());
        }
        let expected = hex(&mac(&key, to_sign.as_bytes()));
        if same(expected.as_bytes(), self.signature.as_bytes()) {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SignatureError, claim};
    use crate::identity::canonical::Signed;
    use hyper::HeaderMap;
    use proptest::prelude::{any, proptest};

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The example of AWS's "Signature Version 4 test suite", get-vanilla-query-order-key-case.
    fn example() -> HeaderMap {
        headers(&[
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, \
                 Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ])
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn check(
        headers: &HeaderMap,
        query: &str,
        body: &[u8],
        secret: &str,
    ) -> Result<(), SignatureError> {
        let request = Signed {
            method: "GET",
            path: "/",
            query,
            headers,
            body,
        };
        claim(&request)?.verify(secret, &request)
    }

    #[test]
    fn the_published_example_is_accepted_and_its_changes_are_not() {
        let query = "Param2=value2&Param1=value1";
        assert_eq!(check(&example(), query, b"", SECRET), Ok(()));
        assert_eq!(
            check(&example(), "Param1=value1&Param2=value2", b"", SECRET),
            Ok(())
        );
        assert_eq!(
            check(&example(), query, b"x", SECRET),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(
            check(&example(), "Param1=value2", b"", SECRET),
            Err(SignatureError::Mismatch)
        );
        assert_eq!(
            check(&example(), query, b"", "other"),
            Err(SignatureError::Mismatch)
        );
        let mut redated = example();
        redated.insert("x-amz-date", "20150830T123601Z".parse().unwrap());
        assert_eq!(
            check(&redated, query, b"", SECRET),
            Err(SignatureError::Mismatch)
        );
    }

    #[test]
    fn the_error_names_what_is_missing() {
        let date = ("x-amz-date", "20150830T123600Z");
        for (fields, expected) in [
            (vec![], SignatureError::Missing),
            (
                vec![("authorization", "Basic eA==")],
                incomplete("AWS4-HMAC-SHA256"),
            ),
            (
                vec![("authorization", "AWS4-HMAC-SHA256 x")],
                incomplete("X-Amz-Date"),
            ),
            (
                vec![("authorization", "AWS4-HMAC-SHA256 x"), date],
                incomplete("'Credential'"),
            ),
            (
                vec![
                    (
                        "authorization",
                        "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=s",
                    ),
                    date,
                ],
                incomplete("5 slash-delimited"),
            ),
            (
                vec![
                    (
                        "authorization",
                        "AWS4-HMAC-SHA256 Credential=a/20150831/r/s/aws4_request, \
                         SignedHeaders=host, Signature=s",
                    ),
                    date,
                ],
                incomplete("does not match"),
            ),
        ] {
            match (check(&headers(&fields), "", b"", SECRET), expected) {
                (Err(SignatureError::Incomplete(text)), SignatureError::Incomplete(part)) => {
                    assert!(text.contains(&part), "{text}");
                }
                (result, expected) => assert_eq!(result, Err(expected)),
            }
        }
    }

    fn incomplete(text: &str) -> SignatureError {
        SignatureError::Incomplete(text.to_owned())
    }

    #[test]
    fn a_date_is_fresh_on_either_clock() {
        let headers = example();
        let request = Signed {
            method: "GET",
            path: "/",
            query: "",
            headers: &headers,
            body: b"",
        };
        let claim = claim(&request).unwrap();
        let signed = 1_440_938_160_000;
        let minute = 60_000;
        assert_eq!(claim.is_fresh([signed, 0]), Ok(()));
        assert_eq!(claim.is_fresh([0, signed + 5 * minute]), Ok(()));
        for (now, word) in [
            (signed + 6 * minute, "expired"),
            (signed - 6 * minute, "not yet current"),
        ] {
            let Err(SignatureError::Stale(text)) = claim.is_fresh([now, now]) else {
                panic!("fresh at {now}")
            };
            assert!(text.contains(word), "{text}");
        }
    }

    proptest! {
        #[test]
        fn fuzz_no_header_panics(value in "\\PC{0,200}", query in "\\PC{0,100}", body in any::<Vec<u8>>()) {
            let mut headers = example();
            if let Ok(value) = value.parse() {
                headers.insert("authorization", value);
            }
            assert!(check(&headers, &query, &body, SECRET).is_err());
        }

        #[test]
        fn fuzz_no_changed_field_is_accepted(
            field in "(us-east-1|SignedHeaders=|Signature=|/aws4)",
            with in "[a-z0-9/;=, -]{1,40}",
        ) {
            let old = example()["authorization"].to_str().unwrap().to_owned();
            let changed = old.replace(&field, &format!("{field}x{with}"));
            let mut headers = example();
            headers.insert("authorization", changed.parse().unwrap());
            assert!(check(&headers, "Param1=value1&Param2=value2", b"", SECRET).is_err());
        }
    }
}
