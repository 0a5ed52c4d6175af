//! Whose policies a simulation is about: the role or the user behind the caller's ARN. Pure.

/// What IAM can simulate the policies of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    User {
        arn: String,
    },
    /// The ARN of a session does not contain the path of its role, so this is the ARN of a role without one.
    Role {
        arn: String,
        name: String,
    },
}

impl Source {
    /// `None` for callers whose policies IAM does not simulate: the root user, a federated user.
    pub fn of(caller: &str) -> Option<Source> {
        let parts: Vec<&str> = caller.splitn(6, ':').collect();
        let ["arn", partition, service, "", account, entity] = parts[..] else {
            return None;
        };
        match (service, entity.split_once('/')?) {
            ("iam", ("user", _)) => Some(Source::User {
                arn: caller.to_owned(),
            }),
            ("sts", ("assumed-role", session)) => {
                let (name, _) = session.split_once('/')?;
                Some(Source::Role {
                    arn: format!("arn:{partition}:iam::{account}:role/{name}"),
                    name: name.to_owned(),
                })
            }
            _ => None,
        }
    }

    pub fn arn(&self) -> &str {
        let (Source::User { arn } | Source::Role { arn, .. }) = self;
        arn
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn the_source_of_a_session_is_its_role_and_others_have_none() {
        let check = |caller: &str, expected: Option<&str>| {
            let source = Source::of(caller);
            assert_eq!(source.as_ref().map(Source::arn), expected, "{caller}");
        };
        check(
            "arn:aws:sts::123456789012:assumed-role/ci/run-1",
            Some("arn:aws:iam::123456789012:role/ci"),
        );
        check(
            "arn:aws-cn:sts::123456789012:assumed-role/ci/a/b",
            Some("arn:aws-cn:iam::123456789012:role/ci"),
        );
        let user = "arn:aws:iam::123456789012:user/teams/ann";
        check(user, Some(user));
        for other in [
            "arn:aws:iam::123456789012:root",
            "arn:aws:sts::123456789012:federated-user/ann",
            "arn:aws:sts::123456789012:assumed-role/ci",
            "arn:aws:sts::123456789012:self",
            "",
        ] {
            check(other, None);
        }
    }
}
