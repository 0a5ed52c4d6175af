//! Whether IAM allows the caller the changes of a plan.

use serde_json::{Value, json};

use super::decision::{Decision, decision};
use super::needed::{Needed, Ride, needed};
use super::refusal::{Denied, refusal};
use super::simulate::{Context, Question, Results, arn_with_path, simulate};
use super::source::Source;
use super::subject::Preflight;
use crate::aws::error::CloudError;
use crate::engine::plan::Plan;
use crate::engine::resource::Declared as _;
use crate::error::Error;
use crate::policy;
use crate::policy::permissions::{TABLE, TEST_RIDE};
use crate::resources::owner::Owner;
use crate::resources::release;

impl Preflight<'_> {
    /// Fails if IAM denies the caller one of the actions that the changes of the plan require.
    pub(super) async fn permitted(&self, plan: &Plan, ride: Ride) -> Result<(), Error> {
        let Some(source) = Source::of(&self.inputs.context().caller) else {
            return Ok(());
        };
        let needed = needed(plan, &self.inputs, ride);
        let questions: Vec<Question> = needed.iter().map(|one| self.question(one)).collect();
        match self.answers(&source, &questions).await {
            Ok(Some((arn, answers))) => match &denied(&questions, &answers)[..] {
                [] => Ok(()),
                denied => Err(refusal(&arn, denied)),
            },
            Ok(None) => Ok(()),
            Err(error) => {
                self.warn("whether the caller may make these changes", error);
                Ok(())
            }
        }
    }

    /// The answers, with the ARN of the role or user that they are about. `None` if it is not found.
    async fn answers(
        &self,
        source: &Source,
        questions: &[Question],
    ) -> Result<Option<(String, Results)>, CloudError> {
        let client = &self.cloud.iam;
        let context = self.context();
        let mut arn = source.arn().to_owned();
        let mut answers = simulate(client, &arn, questions, &context).await?;
        if answers.is_none()
            && let Some(with_path) = arn_with_path(client, source).await?
        {
            arn = with_path;
            answers = simulate(client, &arn, questions, &context).await?;
        }
        Ok(answers.map(|answers| (arn, answers)))
    }

    fn question(&self, needed: &Needed) -> Question {
        let Needed { statement, actions } = needed;
        let names = self.stack.role.names(self.inputs.context());
        let mut allows = policy::allowing(statement, actions, &names, &self.test_ride());
        let resources = texts(&allows["Resource"]);
        let is_about_roles = actions.iter().all(|action| action.starts_with("iam:"));
        if let Some(first) = resources.first().filter(|_| is_about_roles) {
            allows["Resource"] = json!(self.role_arn(first));
        }
        Question {
            actions: actions.clone(),
            resources: texts(&allows["Resource"]),
            allows,
        }
    }

    /// The ARN of a role that the table names, with its path: a policy has to allow each path, a plan is about one.
    fn role_arn(&self, named: &str) -> String {
        let role = &self.stack.role;
        if named.ends_with(&format!("/{}", role.name)) {
            role.arn(&self.inputs)
        } else {
            named.to_owned()
        }
    }

    /// The values of all condition keys that the policies of callers use: IAM reports each that is missing,
    /// whatever action it is about.
    fn context(&self) -> Context {
        let mut context = Context::default();
        for condition in TABLE.iter().filter_map(|statement| statement.condition) {
            if condition.value == TEST_RIDE {
                context.texts(condition.key, vec![self.test_ride()]);
            } else {
                context.text(condition.key, condition.value);
            }
        }
        let owner = Owner::of(self.inputs.context(), &self.stack.tags);
        let tags = owner.tags(&self.stack.table.id(), &self.inputs);
        for (key, value) in &tags {
            context.text(format!("aws:RequestTag/{key}"), value);
        }
        let keys = tags.into_iter().map(|(key, _)| key);
        context.texts("aws:TagKeys", keys.collect());
        context
    }

    fn test_ride(&self) -> String {
        release::ride_id(self.stack.stage.as_str())
    }
}

/// A member of a statement that is one text or a list of them.
fn texts(member: &Value) -> Vec<String> {
    let list = member.as_array();
    let list = list.map_or(std::slice::from_ref(member), |list| list);
    let texts = list.iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The denied actions; those of one statement with the same reason are one.
fn denied(questions: &[Question], results: &Results) -> Vec<Denied> {
    let denied = questions
        .iter()
        .flat_map(|question| denied_of(question, results));
    denied.collect()
}

fn denied_of(question: &Question, results: &Results) -> Vec<Denied> {
    let mut denied: Vec<Denied> = Vec::new();
    for action in &question.actions {
        let Decision::Denied(denial) = decision(action, &question.resources, results) else {
            continue;
        };
        match denied.iter_mut().find(|one| one.denial == denial) {
            Some(same) => same.actions.push(action),
            None => denied.push(Denied {
                denial,
                actions: vec![action],
                resource: question.resources.first().cloned().unwrap_or_default(),
                allows: question.allows.clone(),
            }),
        }
    }
    for one in &mut denied {
        one.allows["Action"] = json!(one.actions);
    }
    denied
}
