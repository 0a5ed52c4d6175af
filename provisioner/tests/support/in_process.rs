//! Commands in this process, on a clock that takes no time.

use std::fs::File;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use local_cloud::{FaultProfile, LocalCloud, Requests, Settings};
use provisioner::artifact::Arch;
use provisioner::cli::{self, Cli, Declared};
use provisioner::commands::up::deploy;
use provisioner::commands::{self, Outcome};
use provisioner::engine::clock::{Clock as _, VirtualClock};
use provisioner::engine::stop::Stop;
use provisioner::error::Error;
use provisioner::hints::CommandLine;
use provisioner::policy::Template;
use provisioner::report::{Event, Reporter};
use provisioner::session::Session;
use provisioner::stack::declaration::Stack;
use provisioner::target::Connection;

use crate::artifact::{artifact, zip_of_headers};
use crate::cloud::config;
use crate::proxy::Proxy;
use crate::standing::Standing;
use crate::world::World;

pub struct InProcess {
    pub world: World,
    pub clock: VirtualClock,
    started: SystemTime,
}

impl InProcess {
    pub fn new() -> InProcess {
        InProcess::inside(World::new())
    }

    pub fn standing(stack: Standing) -> InProcess {
        InProcess::inside(World::standing(stack))
    }

    pub fn inside(world: World) -> InProcess {
        let started = SystemTime::now();
        InProcess {
            world,
            clock: VirtualClock::starting_at(started),
            started,
        }
    }

    pub fn session(&self, args: &[&str]) -> (Cli, Session) {
        let folder = self.world.path().join(".provision/local");
        let folder = folder.to_str().expect("UTF-8");
        let local = ["--local", "--local-dir", folder, "--yes"];
        let line = [&["provision"], args, &local].concat();
        let (cli, arguments) = cli::parse(line).expect("a command line");
        let command_line = CommandLine::new(arguments);
        let (_stopper, stop) = Stop::new();
        let clock = Arc::new(self.clock.clone());
        let session = Session::new(&cli, command_line, clock, stop);
        let mut session = session.expect("a session");
        session.reporter = Rc::new(Quiet);
        (cli, session)
    }

    pub async fn run(&self, args: &[&str]) -> Outcome {
        let (cli, session) = self.session(args);
        // On the heap: a test's thread has a small stack.
        Box::pin(commands::run(cli.command, &session)).await
    }

    /// `up` with a declaration of the test's own: what editing `stack.rs` would give.
    pub async fn deploy(&self, edit: impl Fn(&mut Stack)) -> Outcome {
        self.deploy_as(&["up"], edit).await
    }

    pub async fn deploy_as(&self, args: &[&str], edit: impl Fn(&mut Stack)) -> Outcome {
        self.deploy_zip(artifact().path.clone(), args, edit).await
    }

    /// As `deploy`, with a function that can't run: for what never comes to a test ride.
    pub async fn deploy_small(&self, edit: impl Fn(&mut Stack)) -> Outcome {
        let zip = self.world.write("function.zip", zip_of_headers());
        self.deploy_zip(zip, &["up"], edit).await
    }

    async fn deploy_zip(&self, zip: PathBuf, args: &[&str], edit: impl Fn(&mut Stack)) -> Outcome {
        let (_, session) = self.session(args);
        let connection = session.connect(Arch::X86_64).await.expect("a cloud");
        let Connection { cloud, guard } = connection;
        let mut stack = Stack::for_stage(&session.stage, cloud.build_target.arch);
        edit(&mut stack);
        let flags = Declared {
            artifact: Some(zip),
            ..Declared::default()
        };
        let outcome = Box::pin(deploy(&flags, &stack, &cloud, &session)).await;
        guard.stop().await;
        outcome
    }

    /// How far its clock has come.
    pub fn age(&self) -> Duration {
        let age = self.clock.now().duration_since(self.started);
        age.expect("time goes on")
    }

    /// Somebody else does something at this moment.
    pub async fn at(&self, age: Duration) {
        while self.age() < age {
            tokio::task::yield_now().await;
        }
    }
}

/// A cloud in weather of the test's own making, used by all commands of its world.
pub struct InWeather {
    pub commands: InProcess,
    cloud: LocalCloud,
    /// As `provision cloud` holds it.
    _lock: File,
}

impl InWeather {
    pub async fn new(faults: FaultProfile) -> InWeather {
        let commands = InProcess::new();
        let folder = commands.world.path().join(".provision/local");
        let settings = Settings {
            state_dir: folder.join("state"),
            port: 0,
            clock: Arc::new(CloudClock(commands.clock.clone())),
            faults,
        };
        let cloud = LocalCloud::start(settings).await.expect("a cloud");
        let lock = File::create(folder.join("lock")).expect("a lock");
        lock.try_lock().expect("nobody else's");
        let owner = cloud.owner();
        let keys = (&*owner.access_key_id, &*owner.secret_access_key);
        commands.world.point_at(keys, &cloud.endpoint_url());
        InWeather {
            commands,
            cloud,
            _lock: lock,
        }
    }

    /// The calls so far.
    pub fn requests(&self) -> Requests {
        self.cloud.requests()
    }

    pub fn url(&self) -> String {
        self.cloud.endpoint_url()
    }

    /// From now on, the commands go through a proxy.
    pub fn proxy(&self) -> Proxy {
        let proxy = Proxy::to(&self.cloud.endpoint_url(), &[]);
        let owner = self.cloud.owner();
        let keys = (&*owner.access_key_id, &*owner.secret_access_key);
        self.commands.world.point_at(keys, &proxy.url);
        proxy
    }

    /// For somebody else's hands.
    pub fn config(&self) -> SdkConfig {
        let owner = self.cloud.owner();
        config(
            &self.cloud.endpoint_url(),
            &owner.access_key_id,
            &owner.secret_access_key,
        )
    }
}

#[derive(Debug)]
struct CloudClock(VirtualClock);

impl local_cloud::Clock for CloudClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
}

/// Prints no progress: the errors that a command returns are all that tests look at.
struct Quiet;

impl Reporter for Quiet {
    fn report(&self, _event: &Event<'_>) {}

    fn data(&self, _text: &str) {}
}

/// Errors as people read them.
pub fn told(errors: &[Error]) -> String {
    let told = errors.iter().map(|error| {
        let hint = error.hint.as_deref().unwrap_or_default();
        format!("{}\nhint: {hint}\n", error.chain().join(": "))
    });
    told.collect()
}

/// A policy without the statement that the ride needs.
const NO_WRITES: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Action": "dynamodb:DescribeTable",
        "Resource": "arn:{{partition}}:dynamodb:{{region}}:{{account}}:table/{{table}}"
    }]
}"#;

/// An edit of the declaration that takes the permission to write rides away.
pub fn without_writes(stack: &mut Stack) {
    stack.role.policies[0].1 = template(NO_WRITES);
}

/// A policy with placeholders.
pub fn template(text: &str) -> Template {
    Template::parse(text).expect("a template")
}
