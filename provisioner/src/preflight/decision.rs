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
    let decisions = forms.iter().map(|form| on(form, &of_action));
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
fn on(form: &str, results: &[&EvaluationResult]) -> Decision {
    for result in results {
        let mut specific = result.resource_specific_results().iter();
        if let Some(specific) = specific.find(|one| one.eval_resource_name() == form) {
            return of_resource(specific, result.organizations_decision_detail());
        }
        let is_about_it = result.eval_resource_name() == Some(form);
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

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::builders::{EvaluationResultBuilder, ResourceSpecificResultBuilder};
    use aws_sdk_iam::types::{
        EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail,
        PolicyEvaluationDecisionType, ResourceSpecificResult,
    };

    use super::{Decision, Denial, decision};

    const ACTION: &str = "lambda:InvokeFunction";

    fn result(decision: &str) -> EvaluationResultBuilder {
        EvaluationResult::builder()
            .eval_action_name(ACTION)
            .eval_decision(PolicyEvaluationDecisionType::from(decision))
    }

    fn on(resource: &str, decision: &str) -> ResourceSpecificResultBuilder {
        ResourceSpecificResult::builder()
            .eval_resource_name(resource)
            .eval_resource_decision(PolicyEvaluationDecisionType::from(decision))
    }

    fn check(forms: &[&str], results: Vec<EvaluationResultBuilder>, expected: Decision) {
        let results = results.into_iter().map(|result| result.build());
        let results: Result<Vec<_>, _> = results.collect();
        let results = results.expect("all members");
        let forms: Vec<String> = forms.iter().map(|form| (*form).to_owned()).collect();
        assert_eq!(decision(ACTION, &forms, &results), expected, "{results:?}");
    }

    #[test]
    fn a_single_resource_is_answered_in_either_place() {
        let denied = Decision::Denied(Denial::Implicit);
        check(
            &["f"],
            vec![result("implicitDeny").eval_resource_name("f")],
            denied,
        );
        let specific = on("f", "allowed").build().expect("all members");
        let result = result("implicitDeny").resource_specific_results(specific);
        check(&["f"], vec![result], Decision::Allowed);
    }

    #[test]
    fn an_action_is_denied_only_if_it_is_denied_in_each_form_of_the_resource() {
        let answer = |f: &str, versions: &str| {
            let result = result("implicitDeny").eval_resource_name("f");
            let result = result.resource_specific_results(on("f", f).build().expect("it"));
            vec![result.resource_specific_results(on("f:*", versions).build().expect("it"))]
        };
        let forms = &["f", "f:*"];
        check(forms, answer("implicitDeny", "allowed"), Decision::Allowed);
        check(forms, answer("implicitDeny", "new"), Decision::Unknown);
        let explicit = Decision::Denied(Denial::Explicit);
        check(forms, answer("implicitDeny", "explicitDeny"), explicit);
        let each = vec![
            result("implicitDeny").eval_resource_name("f"),
            result("allowed").eval_resource_name("f:*"),
        ];
        check(forms, each, Decision::Allowed);
    }

    #[test]
    fn what_the_answer_does_not_tell_is_unknown() {
        check(&["f"], Vec::new(), Decision::Unknown);
        check(&["f"], vec![result("implicitDeny")], Decision::Unknown);
        let of_f = |decision| result(decision).eval_resource_name("f");
        check(&["f"], vec![of_f("maybe")], Decision::Unknown);
        let other = of_f("implicitDeny").eval_action_name("lambda:GetFunction");
        check(&["f"], vec![other], Decision::Unknown);
        for decision in ["implicitDeny", "explicitDeny"] {
            let depends = of_f(decision).missing_context_values("aws:SourceIp");
            check(&["f"], vec![depends], Decision::Unknown);
        }
    }

    #[test]
    fn the_limit_that_denies_is_named() {
        let organization = |allowed| {
            OrganizationsDecisionDetail::builder()
                .allowed_by_organizations(allowed)
                .build()
        };
        let boundary = |allowed| {
            PermissionsBoundaryDecisionDetail::builder()
                .allowed_by_permissions_boundary(allowed)
                .build()
        };
        let denied = |result: EvaluationResultBuilder, denial| {
            check(&["f"], vec![result], Decision::Denied(denial));
        };
        let implicit = || result("implicitDeny").eval_resource_name("f");
        let outside = implicit().organizations_decision_detail(organization(false));
        denied(
            outside.permissions_boundary_decision_detail(boundary(false)),
            Denial::Organization,
        );
        denied(
            implicit().permissions_boundary_decision_detail(boundary(false)),
            Denial::Boundary,
        );
        let inside = implicit().organizations_decision_detail(organization(true));
        denied(
            inside.permissions_boundary_decision_detail(boundary(true)),
            Denial::Implicit,
        );
        let explicit = result("explicitDeny").eval_resource_name("f");
        denied(
            explicit.permissions_boundary_decision_detail(boundary(false)),
            Denial::Explicit,
        );
    }
}
