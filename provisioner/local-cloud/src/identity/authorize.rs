//! Authorization: whether a caller has the permissions that an operation requires, decided before
//! the operation runs.

use awsim_iam_policy::{Decision, PolicyDocument};

use crate::account::ACCOUNT;
use crate::clock::{Millis, iso_seconds};
use crate::identity::call::Call;
use crate::identity::caller::Caller;
use crate::identity::managed;
use crate::identity::policy::{Context, Policies, Question, decide, parse};
use crate::state::State;
use crate::state::role::Role;

/// One permission that an operation requires.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequiredPermission {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Context,
    /// The resource's own policy, which may grant the permission when no policy of the caller does.
    pub(crate) resource_policy: Option<String>,
}

impl RequiredPermission {
    pub(crate) fn new(
        action: impl Into<String>,
        resource: impl Into<String>,
    ) -> RequiredPermission {
        RequiredPermission {
            action: action.into(),
            resource: resource.into(),
            ..RequiredPermission::default()
        }
    }

    pub(crate) fn with(mut self, context: Context) -> RequiredPermission {
        self.context.extend(context);
        self
    }
}

/// Refuses the call unless the caller has every required permission. The text is AWS's.
pub(crate) fn authorize(
    state: &State,
    call: &Call,
    required: &[RequiredPermission],
) -> Result<(), String> {
    if matches!(call.caller, Caller::Owner { .. }) {
        return Ok(());
    }
    for permission in required {
        if let Err(why) = permits(state, &call.caller, permission, call.now, &call.region) {
            let (arn, action, resource) =
                (call.caller.arn(), &permission.action, &permission.resource);
            return Err(format!(
                "User: {arn} is not authorized to perform: {action} on resource: {resource} {why}"
            ));
        }
    }
    Ok(())
}

/// Whether a caller has a permission. If not, the reason, worded like the end of AWS's message.
pub(crate) fn permits(
    state: &State,
    caller: &Caller,
    permission: &RequiredPermission,
    now: Millis,
    region: &str,
) -> Result<(), String> {
    let mut policies = policies_of(state, caller, now);
    policies.resource = permission.resource_policy.as_deref().and_then(parse);
    let mut context = globals(state, caller, now, region);
    context.extend(permission.context.clone());
    let principal = caller.principal_arn(state);
    let action = &permission.action;
    let question = Question {
        principal: &principal,
        action,
        resource: &permission.resource,
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

fn is_deny(policy: &Option<PolicyDocument>, question: &Question<'_>) -> bool {
    let alone = Policies {
        identity: policy.clone().into_iter().collect(),
        ..Policies::default()
    };
    decide(&alone, question) == Decision::ExplicitDeny
}

fn policies_of(state: &State, caller: &Caller, now: Millis) -> Policies {
    match caller {
        Caller::Anonymous => Policies::default(),
        Caller::Owner { .. } => policies_of_owner(),
        Caller::Federated { policy, .. } => Policies {
            identity: policy.as_deref().and_then(parse).into_iter().collect(),
            ..Policies::default()
        },
        Caller::Role { role, policy, .. } => {
            let session = policy.as_deref().and_then(parse);
            match state.iam.role(role) {
                Some(role) => Policies {
                    session,
                    ..policies_of_role(state, role, now)
                },
                None => Policies::default(),
            }
        }
    }
}

pub(crate) fn policies_of_owner() -> Policies {
    let all = managed::document("arn:aws:iam::aws:policy/AdministratorAccess");
    Policies {
        identity: all.and_then(parse).into_iter().collect(),
        ..Policies::default()
    }
}

/// The policies of a role that are in force at `now`.
pub(crate) fn policies_of_role(state: &State, role: &Role, now: Millis) -> Policies {
    let inline = role.inline.seen(now).values();
    let inline = inline.filter_map(|document| parse(document));
    let managed = |arn: &str| managed::document_in(state, arn, now).and_then(parse);
    let attached = role.attached.seen(now).iter();
    let attached = attached.filter_map(|arn| managed(arn));
    Policies {
        identity: inline.chain(attached).collect(),
        // A boundary that is not in force yet allows nothing, rather than everything.
        boundary: role.boundary.as_deref().map(|arn| {
            managed(arn).unwrap_or_else(|| PolicyDocument {
                version: None,
                id: None,
                statements: Vec::new(),
            })
        }),
        ..Policies::default()
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
        Caller::Anonymous | Caller::Federated { .. } => {}
    }
    context
}
