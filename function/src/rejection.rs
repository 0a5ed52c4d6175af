//! The reasons why a request gets no ride, with their HTTP status and message.

/// The longest message: serde quotes what it found, which may be megabytes.
const MAX_MESSAGE_BYTES: usize = 300;

/// Why a request gets no ride.
#[derive(Debug, PartialEq)]
pub enum Rejection {
    /// 401: the event does not name the rider.
    NoAuthorizer(String),
    /// 400: a field is not what it should be.
    BadInput { field: String, why: String },
    /// 409: the idempotency key was used with another pickup location.
    KeyReused,
    /// 500: the cause is only logged.
    Failed,
}

impl Rejection {
    pub fn bad(field: impl Into<String>, why: impl Into<String>) -> Rejection {
        Rejection::BadInput {
            field: field.into(),
            why: why.into(),
        }
    }

    pub fn status(&self) -> u16 {
        match self {
            Rejection::NoAuthorizer(_) => 401,
            Rejection::BadInput { .. } => 400,
            Rejection::KeyReused => 409,
            Rejection::Failed => 500,
        }
    }

    /// The message in the answer.
    pub fn message(&self) -> String {
        match self {
            Rejection::NoAuthorizer(why) => clipped(format!("Authorization not configured: {why}")),
            Rejection::BadInput { field, why } => clipped(format!("{field}: {why}")),
            Rejection::KeyReused => {
                "Idempotency-Key: was used before, with another PickupLocation".into()
            }
            Rejection::Failed => "The ride could not be stored. Please try again.".into(),
        }
    }
}

impl Rejection {
    /// The message without any text of the event, where the rider's name could be.
    pub fn summary(&self) -> &'static str {
        match self {
            Rejection::NoAuthorizer(_) => "Authorization not configured",
            Rejection::BadInput { .. } => "the event or its body is malformed",
            Rejection::KeyReused => "Idempotency-Key: was used before",
            Rejection::Failed => "the ride could not be stored",
        }
    }
}

/// The text, cut between characters if it is longer than the limit.
pub fn clipped(mut text: String) -> String {
    if text.len() > MAX_MESSAGE_BYTES {
        let end = (0..=MAX_MESSAGE_BYTES)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Rejection, clipped};

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(clipped("short".into()), "short");
        for padding in 0..4 {
            let text = clipped(format!("{}{}", "x".repeat(padding), "🦄".repeat(500)));
            assert!(text.ends_with("🦄…") && text.len() <= 303, "{}", text.len());
        }
    }

    #[test]
    fn a_failure_tells_the_rider_nothing_of_its_cause() {
        assert_eq!(Rejection::Failed.status(), 500);
        assert!(!Rejection::Failed.message().contains("dynamodb"));
    }
}
