//! IAM's simulation of the caller's policies.

use std::collections::BTreeSet;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};
use futures::future::try_join_all;
use serde_json::Value;

use super::source::Source;
use crate::aws::call::{optional, read};
use crate::aws::error::{CloudError, CloudErrorKind};
use crate::aws::texts::is_about_mixed_actions;

/// What a request asks: may the caller perform these actions on these resources?
#[derive(Clone, Debug)]
pub struct Question {
    pub actions: Vec<&'static str>,
    /// The forms in which policies may name the resource.
    pub resources: Vec<String>,
    /// The statement that allows it.
    pub allows: Value,
}

/// What IAM answers, for each action.
pub type Results = Vec<EvaluationResult>;

/// Condition keys with the values that the calls of the plan will have.
#[derive(Clone, Debug, Default)]
pub struct Context(Vec<ContextEntry>);

impl Context {
    pub fn text(&mut self, key: impl Into<String>, value: &str) {
        self.add(key, ContextKeyTypeEnum::String, vec![value.to_owned()]);
    }

    pub fn texts(&mut self, key: impl Into<String>, values: Vec<String>) {
        self.add(key, ContextKeyTypeEnum::StringList, values);
    }

    fn add(&mut self, key: impl Into<String>, kind: ContextKeyTypeEnum, values: Vec<String>) {
        let entry = ContextEntry::builder().context_key_name(key);
        let entry = entry.context_key_type(kind);
        let entry = entry.set_context_key_values(Some(values));
        self.0.push(entry.build());
    }
}

const DOING: &str = "ask IAM whether the caller may make these changes";

/// Asks all questions. `None` if the caller's role or user is not found.
pub async fn simulate(
    client: &Client,
    source: &str,
    questions: &[Question],
    context: &Context,
) -> Result<Option<Results>, CloudError> {
    match ask_all(client, source, questions, context).await {
        Err(error) if error.kind == CloudErrorKind::NotFound => Ok(None),
        results => results.map(Some),
    }
}

/// In one request. IAM does not say beforehand which actions it evaluates together: where it refuses, each
/// question is a request, and then each action.
async fn ask_all(
    client: &Client,
    source: &str,
    questions: &[Question],
    context: &Context,
) -> Result<Results, CloudError> {
    let ask = |question| ask(client, source, question, context);
    match questions {
        [] => Ok(Results::new()),
        [one] => ask(one).await,
        questions => {
            let (actions, resources) = together(questions);
            let results = send(client, source, &actions, &resources, context).await;
            match results {
                Err(error) if is_about_mixed_actions(&error.message) => {
                    let each = try_join_all(questions.iter().map(ask)).await?;
                    Ok(each.concat())
                }
                results => results,
            }
        }
    }
}

async fn ask(
    client: &Client,
    source: &str,
    question: &Question,
    context: &Context,
) -> Result<Results, CloudError> {
    let Question {
        actions, resources, ..
    } = question;
    match send(client, source, actions, resources, context).await {
        Err(error) if is_about_mixed_actions(&error.message) && actions.len() > 1 => {
            let each = actions.chunks(1);
            let each = each.map(|action| send(client, source, action, resources, context));
            Ok(try_join_all(each).await?.concat())
        }
        results => results,
    }
}

/// All actions and all resources, each once.
fn together(questions: &[Question]) -> (Vec<&'static str>, Vec<String>) {
    let actions = questions.iter().flat_map(|one| one.actions.iter().copied());
    let resources = questions
        .iter()
        .flat_map(|one| one.resources.iter().cloned());
    let actions: BTreeSet<&'static str> = actions.collect();
    let resources: BTreeSet<String> = resources.collect();
    (
        actions.into_iter().collect(),
        resources.into_iter().collect(),
    )
}

async fn send(
    client: &Client,
    source: &str,
    actions: &[&str],
    resources: &[String],
    context: &Context,
) -> Result<Results, CloudError> {
    let actions = actions.iter().map(|action| (*action).to_owned());
    let request = client.simulate_principal_policy();
    let request = request
        .policy_source_arn(source)
        .set_action_names(Some(actions.collect()))
        .set_resource_arns(Some(resources.to_vec()))
        .set_context_entries(Some(context.0.clone()));
    let results = request.into_paginator().items().send();
    read(DOING, results.collect::<Result<_, _>>()).await
}

/// The ARN of a role with its path. `None` if there is no such role.
pub async fn arn_with_path(client: &Client, source: &Source) -> Result<Option<String>, CloudError> {
    let Source::Role { name, .. } = source else {
        return Ok(None);
    };
    let request = client.get_role().role_name(name);
    let answer = optional(format!("get the caller's role {name}"), request.send()).await?;
    let role = answer.and_then(|answer| answer.role);
    Ok(role.map(|role| role.arn))
}
