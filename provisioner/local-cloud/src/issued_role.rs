//! A session of a role that exists for one policy: how a command runs with just that policy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::account::ACCOUNT;
use crate::api::error::ApiResult;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::random;
use crate::state::State;
use crate::state::keys::{Credentials, Session};
use crate::state::lagging::{Lagging, Stale};
use crate::state::role::Role;
use crate::state::unseen::Unseen;

/// Twelve hours, in milliseconds: the longest session of a role.
pub(crate) const LIFETIME: Millis = 12 * 3600 * 1000;

/// Creates the role, or replaces its policies, without any delay.
pub(crate) async fn issue(
    cloud: &Cloud,
    name: &str,
    policy: &Value,
    session_name: &str,
) -> ApiResult<Credentials> {
    let now = cloud.now();
    let policies = BTreeMap::from([("policy".to_owned(), policy.to_string())]);
    let change = |state: &mut State| {
        let mut role = match state.iam.role(name) {
            Some(role) => role.clone(),
            None => new_role(name, now),
        };
        role.inline = Lagging::new(policies);
        let id = role.id.clone();
        state.iam.insert(role);
        Ok(id)
    };
    let role_id = cloud.store.change(change).await?;
    let session = Session::Role {
        role: name.to_owned(),
        role_id,
        name: session_name.to_owned(),
        policy: None,
        issued: now,
        expires: now + LIFETIME,
    };
    Ok(cloud.store.read().keys.seal(&session))
}

fn new_role(name: &str, now: Millis) -> Role {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
            "Action": "sts:AssumeRole",
        },
    });
    Role {
        name: name.to_owned(),
        path: "/".to_owned(),
        id: random::iam_id("AROA"),
        created: now,
        assumable_at: now,
        unseen: Unseen::default(),
        arn_shown_at: now,
        description: None,
        max_session_seconds: LIFETIME / 1000,
        trust: Lagging::new(trust.to_string()),
        inline: Lagging::new(BTreeMap::new()),
        attached: Lagging::new(Vec::new()),
        boundary: None,
        tags: Vec::new(),
        stale_tags: Stale::default(),
    }
}
