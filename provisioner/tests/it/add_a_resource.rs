//! docs/add-a-resource.md: the kind that it adds works, and its code is this code.

use std::collections::BTreeMap;
use std::rc::Rc;

use aws_sdk_lambda::Client;
use local_cloud::FaultProfile;
use provisioner::artifact::{Arch, Artifact, open};
use provisioner::aws::clients::Cloud;
use provisioner::engine::apply::{Run, apply};
use provisioner::engine::inputs::Inputs;
use provisioner::engine::observed::{Inventory, ResourceId};
use provisioner::engine::plan::{Action, Consent, Left, Plan};
use provisioner::engine::refresh::{settled, verified};
use provisioner::engine::resource::{Resource, Scope, names, states};
use provisioner::resources::release::ReleaseOptions;
use provisioner::session::Session;
use provisioner::stack::declaration::Stack;
use provisioner::stack::resources::Request;
use provisioner::target::Connection;

use crate::artifact::{workspace, zip_of_headers};
use crate::in_process::{InProcess, InWeather, told};
use crate::permission::Permission;

/// The stack with one further kind: what one more line in `stack/resources.rs` gives.
fn resources(stack: &Stack, cloud: &Cloud, request: Request) -> Vec<Rc<dyn Resource>> {
    let alias = stack.live_alias(cloud);
    let mut resources = stack.resources(cloud, request);
    resources.push(Rc::new(Permission::of_api_gateway(alias, "*/*/POST/ride")));
    resources
}

/// One run: what `up` and `down` do, for a list of resources of the test's own.
struct Deployment {
    session: Session,
    connection: Connection,
    resources: Vec<Rc<dyn Resource>>,
    artifact: Artifact,
}

impl Deployment {
    async fn new(commands: &InProcess, args: &[&str]) -> Deployment {
        let (_, session) = commands.session(args);
        let connection = session.connect(Arch::X86_64).await.expect("a cloud");
        let cloud = &connection.cloud;
        let stack = Stack::for_stage(&session.stage, cloud.build_target.arch);
        let request = Request {
            release: ReleaseOptions {
                skip_test_ride: true,
                forward: false,
            },
            commit: None,
        };
        let zip = commands.world.write("function.zip", zip_of_headers());
        Deployment {
            resources: resources(&stack, cloud, request),
            artifact: open(&zip, &cloud.build_target).expect("a zip"),
            session,
            connection,
        }
    }

    async fn inventory(&self) -> Inventory {
        let Session {
            stage,
            wait,
            reporter,
            ..
        } = &self.session;
        let cloud = &self.connection.cloud;
        let scope = Scope {
            resources: &self.resources,
            earlier: &|_, _| None,
        };
        let inventory = settled(cloud, stage, scope, wait, &**reporter).await;
        inventory.unwrap_or_else(|error| panic!("{}", told(&[error])))
    }

    fn plan_up(&self, inventory: &Inventory) -> Plan {
        let inputs = Inputs::new(inventory, Some(&self.artifact));
        Plan::up(states(&self.resources, &inputs), &Consent::default())
    }

    async fn apply(&self, plan: &Plan, inventory: &Inventory) {
        let errors = apply(plan, &self.run(inventory)).await;
        assert!(errors.is_empty(), "{}", told(&errors));
    }

    fn run<'a>(&'a self, inventory: &'a Inventory) -> Run<'a> {
        Run {
            resources: &self.resources,
            inputs: Inputs::new(inventory, Some(&self.artifact)),
            wait: &self.session.wait,
            reporter: &*self.session.reporter,
            in_flight: &self.session.interceptors.in_flight,
        }
    }

    /// Plan, apply, refresh, verify. Returns the plan that was applied.
    async fn up(&self) -> Plan {
        let before = self.inventory().await;
        let plan = self.plan_up(&before);
        self.apply(&plan, &before).await;
        let run = self.run(&before);
        let after = verified(&plan, &run).await;
        let after = after.unwrap_or_else(|error| panic!("{}", told(&[error])));
        let left = self.plan_up(&after);
        assert!(left.is_empty(), "{left:?}");
        plan
    }

    /// What `up` would do to the permission.
    async fn planned(&self) -> Action {
        let plan = self.plan_up(&self.inventory().await);
        plan.action(&self.permission()).expect("planned").clone()
    }

    async fn plan_down(&self, keep: Vec<ResourceId>) -> (Plan, Inventory) {
        let inventory = self.inventory().await;
        let consent = Consent {
            keep,
            ..Consent::default()
        };
        let plan = Plan::down(
            &names(&self.resources, &Inputs::new(&inventory, None)),
            &consent,
        );
        (plan, inventory)
    }

    async fn down(&self, keep: Vec<ResourceId>) {
        let (plan, inventory) = self.plan_down(keep).await;
        self.apply(&plan, &inventory).await;
    }

    fn ids(&self) -> Vec<ResourceId> {
        let ids = self.resources.iter().map(|one| one.declared().id());
        ids.collect()
    }

    fn permission(&self) -> ResourceId {
        self.ids().pop().expect("the last of the list")
    }

    async fn end(self) {
        self.connection.guard.stop().await;
    }
}

/// A stack with the permission, and Lambda for changes by hand.
async fn deployed() -> (InWeather, Deployment, Client) {
    let world = InWeather::new(FaultProfile::calm()).await;
    let deployment = Deployment::new(&world.commands, &["up"]).await;
    let plan = deployment.up().await;
    let action = plan.action(&deployment.permission());
    assert!(matches!(action, Some(Action::Create(_))), "{plan:?}");
    let lambda = Client::new(&world.config());
    (world, deployment, lambda)
}

async fn remove_by_hand(lambda: &Client) {
    let request = lambda.remove_permission().function_name("RequestUnicorn");
    let request = request.qualifier("live");
    let request = request.statement_id("provision-api-gateway");
    request.send().await.expect("a statement");
}

async fn policy(lambda: &Client) -> Option<String> {
    let request = lambda.get_policy().function_name("RequestUnicorn");
    request.qualifier("live").send().await.ok()?.policy
}

#[tokio::test]
async fn the_permission_is_created_and_then_there_is_nothing_to_do() {
    let (_world, deployment, lambda) = deployed().await;
    let policy = policy(&lambda).await.expect("a policy");
    let source = "arn:aws:execute-api:us-east-1:123456789012:*/*/POST/ride";
    assert!(policy.contains(source), "{policy}");
    assert!(deployment.up().await.is_empty());
    deployment.end().await;
}

#[tokio::test]
async fn a_permission_that_was_removed_by_hand_is_created_again() {
    let (_world, deployment, lambda) = deployed().await;
    remove_by_hand(&lambda).await;
    let planned = deployment.planned().await;
    assert!(matches!(planned, Action::Create(_)), "{planned:?}");
    deployment.up().await;
    assert!(policy(&lambda).await.is_some());
    deployment.end().await;
}

#[tokio::test]
async fn a_permission_that_was_changed_by_hand_is_shown_and_repaired() {
    let (_world, deployment, lambda) = deployed().await;
    let declared = policy(&lambda).await;
    remove_by_hand(&lambda).await;
    let request = lambda.add_permission().function_name("RequestUnicorn");
    let request = request
        .qualifier("live")
        .statement_id("provision-api-gateway")
        .principal("events.amazonaws.com")
        .action("lambda:InvokeFunction")
        .source_account("123456789012");
    request.send().await.expect("a statement");
    let Action::Update(differences) = deployment.planned().await else {
        panic!("no update");
    };
    let shown: BTreeMap<String, (Option<String>, Option<String>)> = differences
        .into_iter()
        .map(|one| {
            let to = one.to.map(|to| to.to_string());
            (one.attribute.to_string(), (one.from, to))
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    let source = "arn:aws:execute-api:us-east-1:123456789012:*/*/POST/ride";
    let expected = [
        (
            "principal",
            (
                text("events.amazonaws.com"),
                text("apigateway.amazonaws.com"),
            ),
        ),
        ("condition ArnLike AWS:SourceArn", (None, text(source))),
        (
            "condition StringEquals AWS:SourceAccount",
            (text("123456789012"), None),
        ),
    ];
    let expected = expected.map(|(name, values)| (name.to_owned(), values));
    assert_eq!(shown, BTreeMap::from(expected));
    deployment.up().await;
    assert_eq!(policy(&lambda).await, declared);
    deployment.end().await;
}

#[tokio::test]
async fn down_deletes_the_permission_before_the_alias() {
    let (_world, deployment, lambda) = deployed().await;
    let mut others = deployment.ids();
    let permission = others.pop().expect("the permission");
    deployment.down(others).await;
    assert_eq!(policy(&lambda).await, None);
    deployment.up().await;

    let (plan, inventory) = deployment.plan_down(Vec::new()).await;
    let release = plan.changes.iter().find(|one| one.id.kind == "release");
    let release = release.expect("the release is deleted");
    assert!(release.after.contains(&permission), "{release:?}");
    deployment.apply(&plan, &inventory).await;
    let inventory = deployment.inventory().await;
    assert!(
        deployment
            .ids()
            .iter()
            .all(|id| inventory.state(id).is_none())
    );
    deployment.end().await;
}

#[tokio::test]
async fn the_permission_of_an_unmanaged_function_is_left_alone() {
    let (_world, deployment, lambda) = deployed().await;
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:RequestUnicorn";
    let request = lambda.untag_resource().resource(arn);
    let request = request.tag_keys("provision:stack");
    request.send().await.expect("a change");
    let (plan, _) = deployment.plan_down(Vec::new()).await;
    let action = plan.action(&deployment.permission());
    assert!(
        matches!(action, Some(Action::Leave(Left::WithUnmanaged(need))) if need.kind == "function"),
        "{action:?}"
    );
    deployment.end().await;
}

/// Requests fail, are throttled, and lose their responses: every call may be repeated.
#[tokio::test]
async fn the_permission_converges_while_requests_fail() {
    for seed in 1..=8 {
        let seed = seed.to_string();
        let commands = InProcess::new();
        let args = ["up", "--faults", "storm", "--faults-seed", &seed];
        let deployment = Deployment::new(&commands, &args).await;
        deployment.up().await;
        deployment.down(Vec::new()).await;
        deployment.end().await;
    }
}

/// A `rust` block of the page, with the file that its heading line names.
struct Excerpt {
    file: String,
    code: String,
}

fn excerpts(page: &str) -> Vec<Excerpt> {
    let mut excerpts = Vec::new();
    let mut heading = "";
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let code = lines.by_ref().take_while(|line| *line != "```");
            let code: Vec<&str> = code.collect();
            let file = heading
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix("`:"));
            let file = file.unwrap_or_else(|| panic!("no file name above\n{}", code.join("\n")));
            excerpts.push(Excerpt {
                file: file.to_owned(),
                code: code.join("\n") + "\n",
            });
        } else if !line.is_empty() {
            heading = line;
        }
    }
    excerpts
}

#[test]
fn the_code_of_the_page_is_this_code_and_none_is_missing() {
    let page = workspace().join("docs/add-a-resource.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let mut shown = BTreeMap::<String, String>::new();
    for Excerpt { file, code } in excerpts(&page) {
        let text = std::fs::read_to_string(workspace().join(&file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        let starts_a_line = text.starts_with(&code) || text.contains(&format!("\n{code}"));
        assert!(starts_a_line, "{file} does not have\n{code}");
        shown.entry(file).or_default().push_str(&code);
    }
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    };
    for name in ["spec", "calls", "mod"] {
        let file = format!("provisioner/tests/it/permission/{name}.rs");
        let text = std::fs::read_to_string(workspace().join(&file)).expect("a file");
        assert_eq!(lines(&shown[&file]), lines(&text), "{file}");
    }
}
