//! The principals in a policy.

use serde_json::Value;

use crate::account::ACCOUNT;
use crate::api::error::ApiResult;
use crate::services::iam::errors::malformed;
use crate::state::State;

/// Refuses a principal that is malformed or does not exist.
pub(crate) fn check(principal: &Value, state: &State) -> ApiResult<()> {
    let kinds = match principal {
        Value::String(all) if all == "*" => return Ok(()),
        Value::Object(kinds) if !kinds.is_empty() => kinds,
        Value::String(name) => {
            return Err(malformed(format!(
                "Invalid principal in policy: \"{name}\""
            )));
        }
        _ => {
            return Err(malformed(
                "Missing required field Principal cannot be empty!",
            ));
        }
    };
    for (kind, names) in kinds {
        let names: Vec<&Value> = match names {
            Value::Array(names) => names.iter().collect(),
            one => vec![one],
        };
        for name in names {
            let Value::String(name) = name else {
                return Err(malformed("Syntax errors in policy."));
            };
            let valid = match kind.as_str() {
                "AWS" => is_principal(name, state),
                "Service" => is_service(name),
                "Federated" => !name.is_empty(),
                "CanonicalUser" => true,
                _ => return Err(malformed("Syntax errors in policy.")),
            };
            if !valid {
                let kind = kind.to_uppercase();
                return Err(malformed(format!(
                    "Invalid principal in policy: \"{kind}\":\"{name}\""
                )));
            }
        }
    }
    Ok(())
}

fn is_service(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    (name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn"))
        && !name.starts_with('.')
        && name.chars().all(fits)
}

/// Whether an `AWS` principal is valid. One of this account must exist; one of another account cannot
/// be checked.
fn is_principal(name: &str, state: &State) -> bool {
    if name == "*" || (name.len() == 12 && name.chars().all(|c| c.is_ascii_digit())) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let [arn, _, service, _, account, resource] = parts[..] else {
        // A unique id replaces the ARN of a deleted principal.
        return name.starts_with("AROA") || name.starts_with("AIDA");
    };
    if arn != "arn" || !(service == "iam" || service == "sts") || account.len() != 12 {
        return false;
    }
    if account != ACCOUNT || resource == "root" || resource == "user/owner" {
        return resource == "root" || resource.contains('/');
    }
    match (service, resource.split_once('/')) {
        ("iam", Some(("role", _))) => state.iam.role_by_arn(name).is_some(),
        ("sts", Some(("assumed-role", rest))) => state
            .iam
            .role(rest.split('/').next().unwrap_or_default())
            .is_some(),
        ("sts", Some(("federated-user", _))) => true,
        _ => false,
    }
}
