//! Tokens of OpenID Connect identity providers: JSON Web Tokens with an RSA signature.

use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;

use crate::encode::from_base64_url;

/// The only algorithm that AWS accepts of GitHub and GitLab.
const ALGORITHM: &str = "RS256";

/// A token whose signature was not checked yet.
pub(crate) struct WebToken {
    header: Value,
    claims: Value,
    /// The header and the claims as they were signed.
    signed: String,
    signature: Vec<u8>,
}

/// Whether a token was signed with one of the provider's keys.
#[derive(Debug, PartialEq)]
pub(crate) enum Signature {
    Valid,
    Invalid,
    /// The provider has no key with the ID that the token names.
    UnknownKey,
}

impl WebToken {
    /// `None` if the text is no signed JSON Web Token.
    pub(crate) fn read(text: &str) -> Option<WebToken> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |part: &str| -> Option<Value> {
            let value: Value = serde_json::from_slice(&from_base64_url(part)?).ok()?;
            value.is_object().then_some(value)
        };
        Some(WebToken {
            header: json(header)?,
            claims: json(claims)?,
            signed: signed.to_owned(),
            signature: from_base64_url(signature)?,
        })
    }

    pub(crate) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// The audience, or each of several.
    pub(crate) fn audiences(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// When the token expires, in seconds since 1970.
    pub(crate) fn expires(&self) -> Option<i64> {
        self.claims.get("exp")?.as_i64()
    }

    /// Checks the signature against a JSON Web Key Set.
    pub(crate) fn signature(&self, key_set: &Value) -> Signature {
        if self.header.get("alg").and_then(Value::as_str) != Some(ALGORITHM) {
            return Signature::Invalid;
        }
        let keys = key_set.get("keys").and_then(Value::as_array);
        let mut keys = keys.into_iter().flatten();
        let Some(key) = keys.find(|key| key.get("kid") == self.header.get("kid")) else {
            return Signature::UnknownKey;
        };
        let number = |name: &str| from_base64_url(key.get(name)?.as_str()?);
        let (Some(n), Some(e)) = (number("n"), number("e")) else {
            return Signature::UnknownKey;
        };
        let key = RsaPublicKeyComponents { n, e };
        let signed = self.signed.as_bytes();
        match key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, &self.signature) {
            Ok(()) => Signature::Valid,
            Err(_) => Signature::Invalid,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;
    use serde_json::json;

    use super::{Signature, WebToken};
    use crate::encode::base64_url;

    fn token(header: &str, claims: &str) -> Option<WebToken> {
        let [header, claims] = [header, claims].map(|part| base64_url(part.as_bytes()));
        WebToken::read(&format!("{header}.{claims}.{}", base64_url(b"signature")))
    }

    #[test]
    fn a_token_has_three_parts() {
        let good = token(
            r#"{"alg":"RS256"}"#,
            r#"{"sub":"a","aud":["b","c"],"exp":7}"#,
        );
        let good = good.expect("a token");
        assert_eq!(good.claim("sub"), Some("a"));
        assert_eq!(good.audiences(), ["b", "c"]);
        assert_eq!(good.expires(), Some(7));
        for bad in ["", "a.b", "e30.e30", "e30.e30.!", "W10.W10.e30"] {
            assert!(WebToken::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_signature_needs_a_key_and_the_right_algorithm() {
        let none = token(r#"{"alg":"none","kid":"k"}"#, "{}").expect("a token");
        let keys = json!({"keys": [{"kid": "k", "n": base64_url(&[200; 256]), "e": "AQAB"}]});
        assert_eq!(none.signature(&keys), Signature::Invalid);
        let other = token(r#"{"alg":"RS256","kid":"other"}"#, "{}").expect("a token");
        assert_eq!(other.signature(&keys), Signature::UnknownKey);
        let wrong = token(r#"{"alg":"RS256","kid":"k"}"#, "{}").expect("a token");
        assert_eq!(wrong.signature(&keys), Signature::Invalid);
    }

    proptest! {
        #[test]
        fn fuzz_no_token_panics(text in "\\PC{0,200}", header in "\\PC{0,50}", claims in "\\PC{0,50}") {
            drop(WebToken::read(&text));
            if let Some(token) = token(&header, &claims) {
                token.signature(&json!({}));
            }
        }
    }
}
