//! The record in the alias's description: which versions passed a test ride, with which declarations. Pure.
//!
//! `proven 9f8e7d6c5b4a3f2e as 12; rolled back from 13:0011223344556677; earlier 11:8899aabbccddeeff`

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::engine::attribute::{Attribute, Value};

/// A digest of everything that a ride depends on: code, configuration, policies, trust policy, table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of the attributes. `None` if one of them is only known after apply.
    pub fn over<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Option<Digest> {
        let mut hash = Sha256::new();
        for attribute in attributes {
            let value = match &attribute.value {
                Some(Value::AfterApply) => return None,
                Some(Value::Known(value)) => Some(attribute.comparison.key(value)),
                None => None,
            };
            let name = attribute.name.to_string();
            for part in [Some(&*name), value.as_deref()].into_iter().flatten() {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        let hash = hash.finalize();
        Some(Digest(
            hash[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// Parses a digest as `over` writes it; no other text is one.
    fn parse(text: &str) -> Option<Digest> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 16 && text.bytes().all(is_hex)).then(|| Digest(text.to_owned()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version of the function. Lambda never reuses a number.
pub type Version = u64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub version: Version,
    pub digest: Digest,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub current: Option<Current>,
    pub rolled_back_from: Option<Proof>,
    /// Newest first.
    pub earlier: Vec<Proof>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    pub proof: Proof,
    /// `--skip-test-ride`: the digest is recorded without a test ride.
    pub skipped: bool,
}

/// With the current one, as many entries as versions that are kept.
const EARLIER: usize = 4;

impl Record {
    /// Parses a description. One that `provision` did not write gives an empty record.
    pub fn parse(description: &str) -> Record {
        let mut record = Record::default();
        for part in description.split("; ") {
            if let Some(rest) = part.strip_prefix("proven ") {
                record.current = current(rest, false);
            } else if let Some(rest) = part.strip_prefix("ride skipped ") {
                record.current = current(rest, true);
            } else if let Some(rest) = part.strip_prefix("rolled back from ") {
                record.rolled_back_from = proof(rest);
            } else if let Some(rest) = part.strip_prefix("earlier ") {
                record.earlier = rest.split(' ').filter_map(proof).collect();
            }
        }
        record
    }

    /// The record after a version passed its test ride, or after the ride was skipped.
    pub fn then(&self, current: Current) -> Record {
        let mut earlier: Vec<Proof> = self.proven().cloned().collect();
        earlier.retain(|proof| proof.version != current.proof.version);
        earlier.sort_by_key(|proof| std::cmp::Reverse(proof.version));
        earlier.truncate(EARLIER);
        Record {
            current: Some(current),
            rolled_back_from: None,
            earlier,
        }
    }

    /// The record after a rollback to `proof`.
    pub fn rolled_back_to(&self, proof: Proof) -> Record {
        let left = self.current.as_ref().map(|current| current.proof.clone());
        let current = Current {
            proof,
            skipped: false,
        };
        Record {
            rolled_back_from: left,
            ..self.then(current)
        }
    }

    /// The version with this digest that was rolled back from: the last one, or one that passed and is above the live
    /// version, which an earlier rollback has left.
    pub fn rolled_back(&self, digest: &Digest) -> Option<&Proof> {
        let last = self.rolled_back_from.as_ref()?;
        let live = self.current.as_ref().map(|current| current.proof.version);
        let above = self.earlier.iter();
        let above = above.filter(|proof| live.is_some_and(|live| proof.version > live));
        let mut left = std::iter::once(last).chain(above);
        left.find(|proof| proof.digest == *digest)
    }

    /// Every version that passed its test ride.
    pub fn proven(&self) -> impl Iterator<Item = &Proof> {
        let current = self.current.iter().filter(|current| !current.skipped);
        current.map(|current| &current.proof).chain(&self.earlier)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record {
            current,
            rolled_back_from,
            earlier,
        } = self;
        let mut parts = Vec::new();
        if let Some(Current {
            proof: Proof { version, digest },
            skipped,
        }) = current
        {
            let word = if *skipped { "ride skipped" } else { "proven" };
            parts.push(format!("{word} {digest} as {version}"));
        }
        let short = |Proof { version, digest }: &Proof| format!("{version}:{digest}");
        if let Some(proof) = rolled_back_from {
            parts.push(format!("rolled back from {}", short(proof)));
        }
        if !earlier.is_empty() {
            let earlier: Vec<String> = earlier.iter().map(short).collect();
            parts.push(format!("earlier {}", earlier.join(" ")));
        }
        f.write_str(&parts.join("; "))
    }
}

fn current(text: &str, skipped: bool) -> Option<Current> {
    let (digest, version) = text.split_once(" as ")?;
    let proof = Proof {
        version: version.parse().ok()?,
        digest: Digest::parse(digest)?,
    };
    Some(Current { proof, skipped })
}

fn proof(text: &str) -> Option<Proof> {
    let (version, digest) = text.split_once(':')?;
    Some(Proof {
        version: version.parse().ok()?,
        digest: Digest::parse(digest)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Current, Digest, Proof, Record};
    use crate::engine::attribute::{Attribute, Value};

    fn proof(version: u64) -> Proof {
        let attribute = Attribute::new("version", version.to_string());
        Proof {
            version,
            digest: Digest::over([&attribute].into_iter()).expect("a known value"),
        }
    }

    fn proven(version: u64) -> Current {
        Current {
            proof: proof(version),
            skipped: false,
        }
    }

    #[test]
    fn a_second_rollback_remembers_the_first() {
        let record = (1..=4).fold(Record::default(), |record, version| {
            record.then(proven(version))
        });
        let back = record.rolled_back_to(proof(3)).rolled_back_to(proof(2));
        let refused = |record: &Record| -> Vec<u64> {
            let found = (1..=5).filter_map(|version| record.rolled_back(&proof(version).digest));
            found.map(|proof| proof.version).collect()
        };
        assert_eq!(refused(&back), [3, 4]);
        assert_eq!(refused(&record), [0; 0]);
        assert_eq!(refused(&back.then(proven(5))), [0; 0]);
    }

    #[test]
    fn a_record_reads_as_it_was_written() {
        let mut record = Record::default();
        for version in 1..=9 {
            record = record.then(proven(version));
            assert_eq!(Record::parse(&record.to_string()), record);
        }
        assert_eq!(
            record.earlier.iter().map(|p| p.version).collect::<Vec<_>>(),
            [8, 7, 6, 5]
        );
        let back = record.rolled_back_to(proof(8));
        assert_eq!(back.rolled_back_from, Some(proof(9)));
        assert_eq!(Record::parse(&back.to_string()), back);
        assert!(
            back.to_string().len() <= 256,
            "Lambda's limit for a description"
        );
    }

    #[test]
    fn a_skipped_ride_proves_nothing() {
        let skipped = Record::default().then(Current {
            skipped: true,
            ..proven(1)
        });
        assert_eq!(skipped.proven().count(), 0);
        assert_eq!(skipped.then(proven(2)).proven().count(), 1);
    }

    #[test]
    fn a_description_of_another_origin_proves_nothing() {
        for text in [
            "",
            "our live version",
            "proven",
            "proven x as y",
            "earlier a b:c",
            "proven good as 3",
            "earlier 3:good",
            "; ; ",
        ] {
            assert_eq!(Record::parse(text).proven().count(), 0, "{text}");
        }
    }

    #[test]
    fn the_digest_separates_names_from_values() {
        let digest = |a: &'static str, b: &str| Digest::over([&Attribute::new(a, b)].into_iter());
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
        assert_eq!(digest("a", "b"), digest("a", "b"));
    }

    #[test]
    fn a_digest_over_a_value_known_after_apply_is_known_after_apply() {
        let later = Attribute::new("role id", Value::AfterApply);
        assert_eq!(Digest::over([&later].into_iter()), None);
    }
}
