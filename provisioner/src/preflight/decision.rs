//! What IAM's simulation decided about each action. Pure.

use aws_sdk_iam::types::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail,
    PolicyEvaluationDecisionType, ResourceSpecificResult,
};

/// The decision about one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    Denied(Denial),
    /// The answer does not tell: the call itself may succeed.
    Unknown,
}

/// Why an action is denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// No policy allows it.
    Implicit,
    Explicit,
    Boundary,
    /// A service control policy of the organization.
    Organization,
}

/// The decision about an action on a resource that policies may name in any of these forms: denied only if it
/// is denied in each form.
pub fn decision(action: &str, forms: &[String], results: &[EvaluationResult]) -> Decision {
    let of_action = results
        .iter()
        .filter(|result| result.eval_action_name().eq_ignore_ascii_case(action));
    let of_action: Vec<&EvaluationResult> = of_action.collect();
    let decisions = forms.iter().map(|form| on(form, forms, &of_action));
    let decisions: Vec<Decision> = decisions.collect();
    if decisions.contains(&Decision::Allowed) {
        return Decision::Allowed;
    }
    if decisions.contains(&Decision::Unknown) {
        return Decision::Unknown;
    }
    let first = decisions.into_iter().max_by_key(|decision| match decision {
        Decision::Denied(denial) => Some(*denial),
        Decision::Allowed | Decision::Unknown => None,
    });
    first.unwrap_or(Decision::Unknown)
}

/// The decision for one form. IAM answers for several resources in `ResourceSpecificResults`, and for a single
/// one there or in the result itself.
fn on(form: &str, forms: &[String], results: &[&EvaluationResult]) -> Decision {
    for result in results {
        let mut specific = result.resource_specific_results().iter();
        if let Some(specific) = specific.find(|one| one.eval_resource_name() == form) {
            return of_resource(specific, result.organizations_decision_detail());
        }
        let is_about_it = match result.eval_resource_name() {
            Some(name) => name == form,
            None => forms.len() == 1,
        };
        if is_about_it && result.resource_specific_results().is_empty() {
            return of_result(result);
        }
    }
    Decision::Unknown
}

fn of_resource(
    result: &ResourceSpecificResult,
    organization: Option<&OrganizationsDecisionDetail>,
) -> Decision {
    judge(
        result.eval_resource_decision(),
        result.missing_context_values(),
        organization,
        result.permissions_boundary_decision_detail(),
    )
}

fn of_result(result: &EvaluationResult) -> Decision {
    judge(
        result.eval_decision(),
        result.missing_context_values(),
        result.organizations_decision_detail(),
        result.permissions_boundary_decision_detail(),
    )
}

fn judge(
    decision: &PolicyEvaluationDecisionType,
    missing_context: &[String],
    organization: Option<&OrganizationsDecisionDetail>,
    boundary: Option<&PermissionsBoundaryDecisionDetail>,
) -> Decision {
    let denial = match decision {
        PolicyEvaluationDecisionType::Allowed => return Decision::Allowed,
        PolicyEvaluationDecisionType::ExplicitDeny => Denial::Explicit,
        PolicyEvaluationDecisionType::ImplicitDeny => Denial::Implicit,
        _ => return Decision::Unknown,
    };
    // A condition asks for a value that only the call itself has.
    if !missing_context.is_empty() {
        return Decision::Unknown;
    }
    if organization.is_some_and(|detail| !detail.allowed_by_organizations()) {
        return Decision::Denied(Denial::Organization);
    }
    let in_boundary = boundary.is_none_or(|detail| detail.allowed_by_permissions_boundary());
    Decision::Denied(match denial {
        Denial::Implicit if !in_boundary => Denial::Boundary,
        denial => denial,
    })
}
