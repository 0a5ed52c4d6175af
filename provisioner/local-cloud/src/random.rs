//! Unpredictable ids and secrets.

const UPPER: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Bytes from the system's generator.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Fails only on a system without a generator, on which no secret can be created at all.
    getrandom::fill(&mut bytes).expect("the system has a random number generator");
    bytes
}

/// A version 4 UUID: request ids, revision ids and table ids.
pub(crate) fn uuid() -> String {
    let mut bytes = bytes::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = crate::encode::hex(&bytes);
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    format!("{a}-{b}-{c}-{d}-{e}")
}

/// An IAM unique id such as `AROAQ3EGS7…`: a prefix of four and 17 characters.
pub(crate) fn iam_id(prefix: &str) -> String {
    let bytes = bytes::<17>();
    let tail: String = bytes
        .iter()
        .map(|b| char::from(UPPER[usize::from(b & 31)]))
        .collect();
    format!("{prefix}{tail}")
}

/// A secret access key: 40 characters of base64.
pub(crate) fn secret() -> String {
    crate::encode::base64(&bytes::<30>())
}
