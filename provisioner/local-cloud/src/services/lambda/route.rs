//! Lambda's REST paths: the operation that a method and a path stand for.

use crate::encode::percent_decode;
use crate::protocol::Route;

/// The route of a method and a path. `None` for a path that the local cloud does not have.
pub(crate) fn route(method: &str, path: &str) -> Option<Route> {
    // The signature covers the path without dot segments: `f/policy/..` would pass for `f`.
    if path.split('/').any(|s| s == "." || s == "..") {
        return None;
    }
    let segments: Vec<String> = path
        .split('/')
        .filter(|s| !s.is_empty())
        .map(percent_decode)
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let [_date, kind, rest @ ..] = &segments[..] else {
        return None;
    };
    let (action, resource, part) = match (*kind, rest) {
        ("account-settings", []) => (pick(method, &[("GET", "GetAccountSettings")])?, "", ""),
        ("tags", [arn]) => {
            let actions = [
                ("GET", "ListTags"),
                ("POST", "TagResource"),
                ("DELETE", "UntagResource"),
            ];
            (pick(method, &actions)?, *arn, "")
        }
        ("event-source-mappings", []) => {
            (pick(method, &[("GET", "ListEventSourceMappings")])?, "", "")
        }
        ("functions", rest) => functions(method, rest).or_else(|| unsupported(method, rest))?,
        _ => return None,
    };
    Some(Route {
        action: action.to_owned(),
        resource: resource.to_owned(),
        part: part.to_owned(),
        has_payload: action == "Invoke",
    })
}

fn functions<'a>(method: &str, rest: &[&'a str]) -> Option<(&'static str, &'a str, &'a str)> {
    let (actions, resource, part): (&[(&str, &'static str)], _, _) = match rest {
        [] => (
            &[("GET", "ListFunctions"), ("POST", "CreateFunction")],
            "",
            "",
        ),
        [f] => (
            &[("GET", "GetFunction"), ("DELETE", "DeleteFunction")],
            *f,
            "",
        ),
        [f, "configuration"] => (
            &[
                ("GET", "GetFunctionConfiguration"),
                ("PUT", "UpdateFunctionConfiguration"),
            ],
            *f,
            "",
        ),
        [f, "code"] => (&[("PUT", "UpdateFunctionCode")], *f, ""),
        [f, "versions"] => (
            &[
                ("GET", "ListVersionsByFunction"),
                ("POST", "PublishVersion"),
            ],
            *f,
            "",
        ),
        [f, "aliases"] => (&[("GET", "ListAliases"), ("POST", "CreateAlias")], *f, ""),
        [f, "aliases", alias] => (
            &[
                ("GET", "GetAlias"),
                ("PUT", "UpdateAlias"),
                ("DELETE", "DeleteAlias"),
            ],
            *f,
            *alias,
        ),
        [f, "policy"] => (&[("GET", "GetPolicy"), ("POST", "AddPermission")], *f, ""),
        [f, "policy", statement] => (&[("DELETE", "RemovePermission")], *f, *statement),
        [f, "invocations"] => (&[("POST", "Invoke")], *f, ""),
        [f, "concurrency"] => (
            &[
                ("GET", "GetFunctionConcurrency"),
                ("PUT", "PutFunctionConcurrency"),
                ("DELETE", "DeleteFunctionConcurrency"),
            ],
            *f,
            "",
        ),
        _ => return None,
    };
    Some((pick(method, actions)?, resource, part))
}

/// What can be read of the parts of a function that the local cloud does not have.
fn unsupported<'a>(method: &str, rest: &[&'a str]) -> Option<(&'static str, &'a str, &'a str)> {
    let [function, part @ ..] = rest else {
        return None;
    };
    let actions: &[(&str, &'static str)] = match part {
        ["code-signing-config"] => &[
            ("GET", "GetFunctionCodeSigningConfig"),
            ("DELETE", "DeleteFunctionCodeSigningConfig"),
        ],
        ["url"] => &[
            ("GET", "GetFunctionUrlConfig"),
            ("DELETE", "DeleteFunctionUrlConfig"),
        ],
        ["urls"] => &[("GET", "ListFunctionUrlConfigs")],
        ["event-invoke-config"] => &[
            ("GET", "GetFunctionEventInvokeConfig"),
            ("DELETE", "DeleteFunctionEventInvokeConfig"),
        ],
        ["event-invoke-config", "list"] => &[("GET", "ListFunctionEventInvokeConfigs")],
        ["provisioned-concurrency"] => &[
            ("GET", "GetProvisionedConcurrencyConfig"),
            ("DELETE", "DeleteProvisionedConcurrencyConfig"),
        ],
        ["runtime-management-config"] => &[("GET", "GetRuntimeManagementConfig")],
        ["recursion-config"] => &[("GET", "GetFunctionRecursionConfig")],
        _ => return None,
    };
    Some((pick(method, actions)?, *function, ""))
}

fn pick(method: &str, actions: &[(&str, &'static str)]) -> Option<&'static str> {
    actions
        .iter()
        .find(|(of, _)| *of == method)
        .map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::route;

    #[test]
    fn paths_stand_for_operations() {
        let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Af";
        for (method, path, expected) in [
            (
                "POST",
                "/2015-03-31/functions",
                Some(("CreateFunction", "", "")),
            ),
            (
                "GET",
                "/2015-03-31/functions/",
                Some(("ListFunctions", "", "")),
            ),
            (
                "GET",
                "/2015-03-31/functions/f",
                Some(("GetFunction", "f", "")),
            ),
            (
                "PUT",
                "/2015-03-31/functions/f/code",
                Some(("UpdateFunctionCode", "f", "")),
            ),
            (
                "PUT",
                "/2015-03-31/functions/f/aliases/live",
                Some(("UpdateAlias", "f", "live")),
            ),
            (
                "POST",
                "/2015-03-31/functions/f%3Alive/invocations",
                Some(("Invoke", "f:live", "")),
            ),
            (
                "PUT",
                "/2017-10-31/functions/f/concurrency",
                Some(("PutFunctionConcurrency", "f", "")),
            ),
            (
                "GET",
                &format!("/2017-03-31/tags/{arn}"),
                Some((
                    "ListTags",
                    "arn:aws:lambda:eu-west-1:123456789012:function:f",
                    "",
                )),
            ),
            ("PATCH", "/2015-03-31/functions/f", None),
            ("DELETE", "/2015-03-31/functions/f/policy/..", None),
            ("GET", "/2015-03-31/functions/./f", None),
            ("GET", "/2018-10-31/layers", None),
            ("GET", "/", None),
        ] {
            let found = route(method, path);
            let found = found
                .as_ref()
                .map(|r| (r.action.as_str(), r.resource.as_str(), r.part.as_str()));
            assert_eq!(found, expected, "{method} {path}");
        }
    }
}
