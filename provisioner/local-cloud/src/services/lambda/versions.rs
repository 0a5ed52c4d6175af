//! Published versions: immutable copies of `$LATEST`.

use serde_json::{Value, json};

use crate::api::answer::Answer;
use crate::api::constraint::{Broken, refuse};
use crate::api::error::ApiResult;
use crate::clock::Millis;
use crate::cloud::Cloud;
use crate::encode::from_base64;
use crate::identity::call::Call;
use crate::protocol::Operation;
use crate::random;
use crate::services::lambda::errors::invalid;
use crate::services::lambda::find::{find, find_mut};
use crate::services::lambda::function_name;
use crate::services::lambda::guards::may_change;
use crate::services::lambda::page::page;
use crate::services::lambda::show::{As, code_sha256, configuration, listed};
use crate::services::lambda::unseen;
use crate::state::function::{Change, Function, Version};

pub(crate) async fn publish(
    cloud: &Cloud,
    call: &Call,
    operation: &Operation,
) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let input = &operation.input;
    let description = input.text("Description")?;
    if description.is_some_and(|text| text.chars().count() > 256) {
        return Err(refuse(
            "ValidationException",
            &[Broken::longer("…", "description", 256)],
        ));
    }
    let (code, revision) = (input.text("CodeSha256")?, input.text("RevisionId")?);
    cloud
        .store
        .change(|state| {
            let function = find_mut(state, call, &name)?;
            may_change(function, revision, call)?;
            must_be_code(function, code)?;
            let next = function.next_version;
            let number = publish_latest(function, description, call.now);
            if let Some(new) = function
                .published
                .get_mut(&number)
                .filter(|_| number == next)
            {
                new.unseen = unseen::of_new_version(cloud, call.now);
            }
            let number_text = number.to_string();
            let version = function.published.get(&number).unwrap_or(&function.latest);
            let found = As::Found(call.now);
            let shown = configuration(
                &call.region,
                function,
                version,
                &number_text,
                Some(&number_text),
                found,
            );
            Ok(Answer::created(Value::Object(shown)))
        })
        .await
}

/// Refuses to publish another code than the one with this digest.
fn must_be_code(function: &Function, expected: Option<&str>) -> ApiResult<()> {
    let actual = code_sha256(&function.latest.code.sha256);
    match expected {
        None | Some("") => Ok(()),
        Some(expected) if expected == actual => Ok(()),
        Some(expected) => {
            let shown = match from_base64(expected) {
                Some(_) => expected,
                None => "…",
            };
            Err(invalid(format!(
                "CodeSHA256 ({shown}) is different from current CodeSHA256 in $LATEST \
                 ({actual}). Please try again with the CodeSHA256 in $LATEST."
            )))
        }
    }
}

/// Publishes `$LATEST`, unless it equals the version published last. Returns the version's number.
pub(crate) fn publish_latest(
    function: &mut Function,
    description: Option<&str>,
    now: Millis,
) -> u64 {
    if let Some((number, last)) = published_last(function)
        && is_same(last, &function.latest)
    {
        return number;
    }
    let number = function.next_version;
    let mut version = function.latest.clone();
    if let Some(description) = description {
        version.config.description = description.to_owned();
    }
    version.revision = random::uuid();
    version.settled_revision = random::uuid();
    version.before = None;
    version.failed = false;
    version.modified = now;
    // A version that is published during a change of its function shows a creation in progress.
    if !version.is_settled(now) {
        version.change = Change::Creation;
    }
    version.published_from = Some(function.latest.config.description.clone());
    function.published.insert(number, version);
    function.deleted_last = None;
    function.next_version += 1;
    // Publishing gives `$LATEST` a new revision too.
    function.latest.settled_revision = random::uuid();
    number
}

/// The version that was published last, even if it was deleted and the faults of the cloud keep it.
fn published_last(function: &Function) -> Option<(u64, &Version)> {
    let published = function.published.last_key_value();
    let published = published.map(|(number, version)| (*number, version));
    let deleted = function.deleted_last.as_deref();
    let deleted = deleted.map(|(number, version)| (*number, version));
    deleted.or(published)
}

/// Whether two versions are equal for publishing. A description of the version alone is no difference,
/// nor is a role that was recreated under its name, since the configuration has only its ARN.
fn is_same(published: &Version, latest: &Version) -> bool {
    let mut config = published.config.clone();
    if let Some(description) = &published.published_from {
        config.description.clone_from(description);
    }
    config == latest.config && published.code == latest.code
}

pub(crate) fn list(cloud: &Cloud, call: &Call, operation: &Operation) -> ApiResult<Answer> {
    let name = function_name::of(call, operation)?;
    let state = cloud.store.read();
    let function = find(&state, call, &name)?;
    let found = As::Found(call.now);
    let (region, latest) = (&call.region, Function::LATEST);
    let mut shown = vec![configuration(
        region,
        function,
        &function.latest,
        latest,
        Some(latest),
        found,
    )];
    let listed_yet = |version: &Version| !version.unseen.hides(operation.action(), call.now);
    let published = function.published.iter();
    for (number, version) in published.filter(|(_, version)| listed_yet(version)) {
        let number = number.to_string();
        shown.push(configuration(
            region,
            function,
            version,
            &number,
            Some(&number),
            found,
        ));
    }
    let shown = shown.into_iter().map(listed).collect();
    let (versions, next) = page(operation, shown)?;
    Ok(Answer::ok(
        json!({ "Versions": versions, "NextMarker": next }),
    ))
}
