//! The commit that a version is deployed from: written into its description, never compared.

use std::fs;
use std::path::Path;

/// The commit from the variable of GitHub Actions, or else from git's files. `None` outside a repository.
pub fn commit(workspace: Option<&Path>) -> Option<String> {
    let from_ci = std::env::var("GITHUB_SHA")
        .ok()
        .filter(|sha| !sha.is_empty());
    let sha = from_ci.or_else(|| head(&workspace?.join(".git")))?;
    Some(sha.chars().take(12).collect())
}

/// Reads `HEAD` and what it refers to. Starting git would cost more than a whole `up` that has
/// nothing to do.
fn head(git: &Path) -> Option<String> {
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(reference) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_owned());
    };
    if let Ok(sha) = fs::read_to_string(git.join(reference)) {
        return Some(sha.trim().to_owned());
    }
    let packed = fs::read_to_string(git.join("packed-refs")).ok()?;
    let line = packed.lines().find(|line| line.ends_with(reference))?;
    line.split(' ').next().map(str::to_owned)
}
