//! Terraform's AWS provider, unchanged: it creates, reads, changes and deletes each kind of resource that
//! this cloud has.
//!
//! The test needs `terraform` and its AWS provider, and no network. Without them it says so.
//!
//! The longest test by far: the harness runs tests in the order of their names, and this one begins first.

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use tokio::process::Command;

use crate::plugins::plugins;
use crate::world::{REGION, World, zip};

const CONFIGURATION: &str = include_str!("../terraform/main.tf");

#[tokio::test]
async fn terraform_applies_plans_changes_and_destroys() {
    let Some(plugins) = plugins() else {
        not_run("no mirror has hashicorp/aws; name one in TF_PLUGIN_DIR");
        return;
    };
    let version = Command::new("terraform").arg("version").output().await;
    if version.is_err() {
        not_run("terraform is not installed");
        return;
    }
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.tf"), CONFIGURATION).unwrap();
    std::fs::write(folder.path().join("function.zip"), zip(b"#!/bin/sh")).unwrap();
    let mirror = format!("-plugin-dir={}", plugins.display());
    let (apply, plan) = (["apply", "-auto-approve"], ["plan", "-detailed-exitcode"]);
    terraform(&world, folder.path(), &["init", &mirror], 128).await;
    terraform(&world, folder.path(), &apply, 128).await;
    // Exit code 2 would stand for a difference.
    terraform(&world, folder.path(), &plan, 128).await;
    terraform(&world, folder.path(), &apply, 256).await;
    terraform(&world, folder.path(), &plan, 256).await;
    let alias = world.owner.lambda.get_alias().function_name("Function");
    let alias = alias.name("live").send().await.unwrap();
    assert_eq!(alias.function_version.as_deref(), Some("2"));
    let destroy = ["destroy", "-auto-approve"];
    terraform(&world, folder.path(), &destroy, 256).await;
    nothing_is_left(&world).await;
}

/// The harness shows what a test prints only if it fails, so this is written to stderr itself.
fn not_run(why: &str) {
    let line = format!("terraform_applies_plans_changes_and_destroys was not run: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

async fn nothing_is_left(world: &World) {
    let owner = &world.owner;
    let tables = owner.dynamodb.list_tables().send().await.unwrap();
    let roles = owner.iam.list_roles().send().await.unwrap();
    let functions = owner.lambda.list_functions().send().await.unwrap();
    let groups = owner.logs.describe_log_groups().send().await.unwrap();
    assert!(tables.table_names().is_empty());
    assert!(roles.roles().is_empty());
    assert!(functions.functions().is_empty());
    assert!(groups.log_groups().is_empty());
}

/// Runs one command, which must succeed.
async fn terraform(world: &World, folder: &Path, arguments: &[&str], memory: u32) {
    let owner = world.cloud.owner();
    let output = Command::new("terraform")
        .args(arguments)
        .args(["-no-color", "-input=false"])
        .current_dir(folder)
        .env("AWS_ENDPOINT_URL", world.cloud.endpoint_url())
        .env("AWS_ACCESS_KEY_ID", &owner.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &owner.secret_access_key)
        .env("AWS_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        // Settings of the user, which must not count here.
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .env("AWS_CONFIG_FILE", folder.join("none"))
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.join("none"))
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("TF_VAR_memory", memory.to_string())
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .await
        .unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    assert!(
        status.success(),
        "terraform {arguments:?}: {status}\n{}\n{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
}
