//! Who takes the stack through its life cycle in real time: `provision`, and for comparison a script with boto3 and
//! Terraform with its AWS provider.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::step::Step;
use crate::plugins::plugins;
use crate::world::World;

pub struct Contender {
    pub name: &'static str,
    /// The command line of each step.
    pub lines: Vec<Vec<String>>,
}

/// What is not installed is left out, and stderr says so.
pub fn contenders(
    program: &str,
    steps: &[Step],
    zips: [&Path; 2],
    world: &World,
) -> Vec<Contender> {
    let zips = zips.map(|zip| zip.to_str().expect("UTF-8"));
    let others = [boto3(zips), terraform(zips, world)].into_iter();
    let others = others.filter_map(|other| other.map_err(|why| not_measured(&why)).ok());
    std::iter::once(provision(program, steps))
        .chain(others)
        .collect()
}

/// The harness shows what a test prints only if it fails, so this is written to stderr itself.
fn not_measured(why: &str) {
    let _ = std::io::stderr().write_all(format!("up-cost: not measured: {why}\n").as_bytes());
}

fn provision(program: &str, steps: &[Step]) -> Contender {
    let line = |step: &Step| {
        let program = [program.to_owned()].into_iter();
        let yes = ["--yes".to_owned()];
        program
            .chain(step.args.iter().cloned())
            .chain(yes)
            .collect()
    };
    Contender {
        name: "provision",
        lines: steps.iter().map(line).collect(),
    }
}

fn boto3(zips: [&str; 2]) -> Result<Contender, String> {
    let python = python("import boto3, sys; print(sys.executable)");
    let python = python.ok_or("boto3 is not installed")?;
    let script = folder().join("stack.py").display().to_string();
    let line = |args: &[&str]| owned(&[&[&*python, &*script], args].concat());
    let [first, changed] = zips;
    Ok(Contender {
        name: "boto3",
        lines: vec![
            line(&["up", first]),
            line(&["up", first]),
            line(&["up", changed]),
            line(&["down"]),
        ],
    })
}

/// In a folder of its own, where it is initialized here.
fn terraform(zips: [&str; 2], world: &World) -> Result<Contender, String> {
    let plugins = plugins().ok_or("no mirror has Terraform's hashicorp/aws")?;
    std::fs::copy(folder().join("main.tf"), world.path().join("main.tf")).expect("a copy");
    let init = world
        .clean("terraform")
        .args(["init", "-input=false"])
        .arg(format!("-plugin-dir={}", plugins.display()))
        .output();
    let init = init.map_err(|error| format!("terraform: {error}"))?;
    if !init.status.success() {
        return Err(String::from_utf8_lossy(&init.stderr).into_owned());
    }
    let line = |verb: &str, zip: &str| {
        let zip = format!("-var=zip={zip}");
        let flags = ["-auto-approve", "-input=false", "-no-color", &zip];
        owned(&[&["terraform", verb], &flags[..]].concat())
    };
    let [first, changed] = zips;
    Ok(Contender {
        name: "Terraform",
        lines: vec![
            line("apply", first),
            line("apply", first),
            line("apply", changed),
            line("destroy", changed),
        ],
    })
}

/// The folder of the script and of Terraform's configuration.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/up_cost")
}

/// What this machine's Python prints. It is asked with all variables: it may be one of a version manager.
pub fn python(script: &str) -> Option<String> {
    let output = Command::new("python3").args(["-c", script]).output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| printed.trim().to_owned())
}

fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}
