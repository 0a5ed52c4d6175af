//! An identity provider as GitHub Actions is one: its key, its key set, and the tokens that it signs.
//!
//! `key.der` was made for these tests: `openssl genpkey -algorithm RSA -outform DER`. No cloud trusts it.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

pub const HOST: &str = "token.actions.githubusercontent.com";
pub const AUDIENCE: &str = "sts.amazonaws.com";

fn key() -> KeyPair {
    KeyPair::from_der(include_bytes!("key.der")).expect("a key")
}

/// Puts the key set where the local cloud reads it, as AWS downloads it from the provider.
pub fn publish_keys(state_dir: &Path) {
    let public: PublicKeyComponents<Vec<u8>> = key().public().into();
    let [n, e] = [public.n, public.e].map(|number| URL_SAFE_NO_PAD.encode(number));
    let key = json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "tests", "n": n, "e": e});
    let folder = state_dir.join("jwks");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("{HOST}.json"));
    std::fs::write(path, json!({"keys": [key]}).to_string()).expect("the key set");
}

/// The claims of a job's token, which expires after five minutes.
pub fn claims(subject: &str, now: SystemTime) -> Value {
    let now = now.duration_since(UNIX_EPOCH).expect("after 1970");
    json!({
        "iss": format!("https://{HOST}"),
        "aud": AUDIENCE,
        "sub": subject,
        "iat": now.as_secs(),
        "exp": (now + Duration::from_secs(5 * 60)).as_secs(),
    })
}

pub fn token(claims: &Value) -> String {
    signed(
        &json!({"typ": "JWT", "alg": "RS256", "kid": "tests"}),
        claims,
    )
}

pub fn signed(header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let text = format!("{header}.{claims}");
    let key = key();
    let mut signature = vec![0; key.public().modulus_len()];
    let random = SystemRandom::new();
    key.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
        .expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
