//! The principal behind a request.

use crate::account::ACCOUNT;
use crate::clock::Millis;
use crate::state::State;
use crate::state::keys::Session;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Caller {
    /// Of a request that is not signed and need not be. It may do nothing else.
    Anonymous,
    /// The account's administrator, who may do everything.
    Owner { user_id: String },
    /// A session of a role: it may do what the role's policies allow and, if the session has a
    /// policy of its own, that policy allows too.
    Role {
        role: String,
        role_id: String,
        session: String,
        policy: Option<String>,
        issued: Millis,
    },
    /// A federated user with the policy of its token. Without a policy it may do nothing.
    Federated {
        name: String,
        policy: Option<String>,
        issued: Millis,
    },
}

impl Caller {
    pub(crate) fn of(session: &Session) -> Caller {
        match session {
            Session::Role {
                role,
                role_id,
                name,
                policy,
                issued,
                ..
            } => Caller::Role {
                role: role.clone(),
                role_id: role_id.clone(),
                session: name.clone(),
                policy: policy.clone(),
                issued: *issued,
            },
            Session::Federated {
                name,
                policy,
                issued,
                ..
            } => Caller::Federated {
                name: name.clone(),
                policy: policy.clone(),
                issued: *issued,
            },
        }
    }

    pub(crate) fn arn(&self) -> String {
        match self {
            Caller::Anonymous => "anonymous".to_owned(),
            Caller::Owner { .. } => format!("arn:aws:iam::{ACCOUNT}:user/owner"),
            Caller::Role { role, session, .. } => {
                format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}")
            }
            Caller::Federated { name, .. } => {
                format!("arn:aws:sts::{ACCOUNT}:federated-user/{name}")
            }
        }
    }

    /// `aws:PrincipalArn`. For a session of a role this is the ARN of the role.
    pub(crate) fn principal_arn(&self, state: &State) -> String {
        match self {
            Caller::Role { role, .. } => match state.iam.role(role) {
                Some(role) => role.arn(),
                None => format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
            },
            Caller::Anonymous | Caller::Owner { .. } | Caller::Federated { .. } => self.arn(),
        }
    }

    pub(crate) fn user_id(&self) -> String {
        match self {
            Caller::Anonymous => self.arn(),
            Caller::Owner { user_id } => user_id.clone(),
            Caller::Role {
                role_id, session, ..
            } => format!("{role_id}:{session}"),
            Caller::Federated { name, .. } => format!("{ACCOUNT}:{name}"),
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Caller::Anonymous => "Anonymous",
            Caller::Owner { .. } => "User",
            Caller::Role { .. } => "AssumedRole",
            Caller::Federated { .. } => "FederatedUser",
        }
    }

    pub(crate) fn issued(&self) -> Option<Millis> {
        match self {
            Caller::Anonymous | Caller::Owner { .. } => None,
            Caller::Role { issued, .. } | Caller::Federated { issued, .. } => Some(*issued),
        }
    }
}
