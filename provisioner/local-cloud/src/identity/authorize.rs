//! May this caller do this? Asked before an operation runs, answered in AWS's words.

use awsim_iam_policy::Decision;

use crate::call::Call;
use crate::clock::{Millis, iso_seconds};
use crate::iam::managed;
use crate::identity::caller::{ACCOUNT, Caller};
use crate::identity::policy::{Context, Policies, Question, decide, parse};
use crate::state::State;

/// One permission that an operation needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Need {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Context,
    /// The resource's own policy, which may allow what no policy of the caller does.
    pub(crate) resource_policy: Option<String>,
}

impl Need {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Need {
        Need {
            action: action.into(),
            resource: resource.into(),
            ..Need::default()
        }
    }

    pub(crate) fn with(mut self, context: Context) -> Need {
        self.context.extend(context);
        self
    }
}

/// Refuses the call unless the caller holds every permission that it needs; the text is AWS's.
pub(crate) fn authorize(state: &State, call: &Call, needs: &[Need]) -> Result<(), String> {
    if matches!(call.caller, Caller::Owner { .. }) {
        return Ok(());
    }
    for need in needs {
        if let Err(why) = permits(state, &call.caller, need, call.now, &call.region) {
            let (arn, action, resource) = (call.caller.arn(), &need.action, &need.resource);
            return Err(format!(
                "User: {arn} is not authorized to perform: {action} on resource: {resource} {why}"
            ));
        }
    }
    Ok(())
}

/// Whether a caller holds a permission; if not, why, as AWS ends its sentence.
pub(crate) fn permits(
    state: &State,
    caller: &Caller,
    need: &Need,
    now: Millis,
    region: &str,
) -> Result<(), String> {
    let mut policies = policies_of(state, caller, now);
    policies.resource = need.resource_policy.as_deref().and_then(parse);
    let mut context = globals(state, caller, now, region);
    context.extend(need.context.clone());
    let principal = caller.principal_arn(state);
    let action = &need.action;
    let question = Question {
        principal: &principal,
        action,
        resource: &need.resource,
        context: &context,
    };
    match decide(&policies, &question) {
        Decision::Allow => Ok(()),
        Decision::ExplicitDeny => {
            let by_session = is_deny(&policies.session, &question);
            let kind = if by_session {
                "a session policy"
            } else {
                "an identity-based policy"
            };
            Err(format!("with an explicit deny in {kind}"))
        }
        Decision::ImplicitDeny => {
            let without = Policies {
                session: None,
                boundary: None,
                ..policies
            };
            let kind = if decide(&without, &question) != Decision::Allow {
                "identity-based policy"
            } else if policies.boundary.is_some() {
                "permissions boundary"
            } else {
                "session policy"
            };
            Err(format!("because no {kind} allows the {action} action"))
        }
    }
}

fn is_deny(policy: &Option<awsim_iam_policy::PolicyDocument>, question: &Question<'_>) -> bool {
    let alone = Policies {
        identity: policy.clone().into_iter().collect(),
        ..Policies::default()
    };
    decide(&alone, question) == Decision::ExplicitDeny
}

fn policies_of(state: &State, caller: &Caller, now: Millis) -> Policies {
    match caller {
        Caller::Owner { .. } => Policies {
            identity: managed::document("arn:aws:iam::aws:policy/AdministratorAccess")
                .and_then(parse)
                .into_iter()
                .collect(),
            ..Policies::default()
        },
        Caller::Federated { policy, .. } => Policies {
            identity: policy.as_deref().and_then(parse).into_iter().collect(),
            ..Policies::default()
        },
        Caller::Role { role, policy, .. } => {
            let session = policy.as_deref().and_then(parse);
            match state.iam.role(role) {
                Some(role) => Policies {
                    session,
                    ..role.policies(now)
                },
                None => Policies::default(),
            }
        }
    }
}

/// The condition keys that every request has.
fn globals(state: &State, caller: &Caller, now: Millis, region: &str) -> Context {
    let mut context = Context::default();
    context.text("aws:PrincipalArn", caller.principal_arn(state));
    context.text("aws:PrincipalAccount", ACCOUNT);
    context.text("aws:PrincipalType", caller.kind());
    context.text("aws:userid", caller.user_id());
    context.text("aws:RequestedRegion", region);
    context.text("aws:SourceIp", "127.0.0.1");
    context.flag("aws:SecureTransport", false);
    context.flag("aws:ViaAWSService", false);
    context.text("aws:CurrentTime", iso_seconds(now));
    context.text("aws:EpochTime", (now / 1000).to_string());
    if let Some(issued) = caller.issued() {
        context.text("aws:TokenIssueTime", iso_seconds(issued));
    }
    match caller {
        Caller::Owner { .. } => context.text("aws:username", "owner"),
        Caller::Role { role, .. } => {
            if let Some(role) = state.iam.role(role) {
                for (key, value) in &role.tags {
                    context.text(&format!("aws:PrincipalTag/{key}"), value);
                }
            }
        }
        Caller::Federated { .. } => {}
    }
    context
}
