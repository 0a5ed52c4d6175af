//! The commit that a version is deployed from: written into its description, never compared.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

#[derive(Clone, Debug)]
pub struct Commit {
    sha: String,
    workspace: Option<PathBuf>,
}

impl Commit {
    /// The commit from the variable of GitHub Actions, or else from git's files. `None` outside a
    /// repository.
    pub fn of(workspace: Option<&Path>) -> Option<Commit> {
        let from_ci = std::env::var("GITHUB_SHA")
            .ok()
            .filter(|sha| !sha.is_empty());
        let sha = from_ci.or_else(|| head(&git_directory(workspace?)?))?;
        Some(Commit {
            sha: sha.chars().take(12).collect(),
            workspace: workspace.map(Path::to_owned),
        })
    }

    /// Twelve digits, and `-dirty` where tracked files differ from the commit. Starts git, so only called
    /// before a version is published.
    pub async fn describe(&self) -> String {
        let dirty = match &self.workspace {
            Some(workspace) => is_dirty(workspace).await,
            None => false,
        };
        let mark = if dirty { "-dirty" } else { "" };
        format!("{}{mark}", self.sha)
    }
}

/// Whether tracked files differ from the commit. False where git is not installed or refuses.
async fn is_dirty(workspace: &Path) -> bool {
    let status = Command::new("git")
        .args(["--no-optional-locks", "status", "--porcelain"])
        .args(["--untracked-files=no", "--ignore-submodules=untracked"])
        .current_dir(workspace)
        // Set in git's hooks, for the repository of the hook.
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await;
    status.is_ok_and(|status| status.status.success() && !status.stdout.is_empty())
}

/// `.git` of the repository that the directory lies in. In a worktree or a submodule it is a file that
/// names the directory.
fn git_directory(directory: &Path) -> Option<PathBuf> {
    let found = directory.ancestors().map(|above| above.join(".git"));
    let git = found.into_iter().find(|git| git.exists())?;
    if git.is_dir() {
        return Some(git);
    }
    let text = fs::read_to_string(&git).ok()?;
    let named = text.trim().strip_prefix("gitdir: ")?;
    Some(git.parent()?.join(named))
}

/// Reads `HEAD` and what it refers to. Starting git would cost more than a whole `up` that has
/// nothing to do.
fn head(git: &Path) -> Option<String> {
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(reference) = head.trim().strip_prefix("ref: ") else {
        return Some(head.trim().to_owned());
    };
    // The branches of a worktree are those of its repository.
    let common = fs::read_to_string(git.join("commondir"));
    let common = common.map_or(git.to_owned(), |named| git.join(named.trim()));
    if let Ok(sha) = fs::read_to_string(common.join(reference)) {
        return Some(sha.trim().to_owned());
    }
    let packed = fs::read_to_string(common.join("packed-refs")).ok()?;
    let is_wanted = |line: &&str| {
        line.split_once(' ')
            .is_some_and(|(_, name)| name == reference)
    };
    let line = packed.lines().find(is_wanted)?;
    line.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Commit, git_directory, head};

    /// A folder with these files; the commit that `from` sees in it.
    fn check(files: &[(&str, &str)], from: &str, expected: Option<&str>) {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        files.iter().for_each(|(name, text)| write(name, text));
        let from = folder.path().join(from);
        fs::create_dir_all(&from).expect("a folder");
        let inside = |git: &Path| git.starts_with(folder.path());
        let git = git_directory(&from).filter(|git| inside(git));
        let found = git.and_then(|git| head(&git));
        assert_eq!(found.as_deref(), expected, "{files:?}");
    }

    #[tokio::test]
    async fn changed_tracked_files_are_marked() {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("below");
        fs::create_dir(&below).expect("a folder");
        let write = |text| fs::write(folder.path().join("tracked"), text).expect("a file");
        let git = |args: &[&str]| {
            let mut git = std::process::Command::new("git");
            let identity = [
                "-c",
                "user.name=n",
                "-c",
                "user.email=e",
                "-c",
                "commit.gpgsign=no",
            ];
            git.args(identity).args(args).current_dir(folder.path());
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
                git.env_remove(name);
            }
            git.output().map(|output| output.status.success())
        };
        // Without git there is no mark, and nothing to test.
        if git(&["init", "-q"]).is_err() {
            return;
        }
        write("a");
        for args in [&["add", "tracked"][..], &["commit", "-qm", "message"]] {
            assert!(git(args).expect("git"), "{args:?}");
        }
        let head = head(&git_directory(&below).expect("a repository")).expect("a commit");
        let is_described = async |mark: &str| {
            let commit = Commit {
                sha: head.clone(),
                workspace: Some(below.clone()),
            };
            assert_eq!(commit.describe().await, format!("{head}{mark}"));
        };
        is_described("").await;
        fs::write(folder.path().join("untracked"), "").expect("a file");
        is_described("").await;
        write("b");
        is_described("-dirty").await;
        assert!(git(&["add", "tracked"]).expect("git"));
        is_described("-dirty").await;
        // Detached, in a worktree.
        let tree = folder.path().join("tree");
        let path = tree.to_str().expect("a path in UTF-8");
        assert!(git(&["worktree", "add", "-q", "--detach", path]).expect("git"));
        let found = super::head(&git_directory(&tree).expect("a worktree"));
        assert_eq!(found.as_ref(), Some(&head));
        assert!(!super::is_dirty(&tree).await);
    }

    #[test]
    fn the_commit_is_found_in_every_kind_of_checkout() {
        let on_main = ("r/.git/HEAD", "ref: refs/heads/main\n");
        let loose = ("r/.git/refs/heads/main", "c0ffee\n");
        let packed = (
            "r/.git/packed-refs",
            "# pack-refs\nbad refs/heads/other/refs/heads/main\nc0ffee refs/heads/main\n",
        );
        check(&[on_main, loose], "r", Some("c0ffee"));
        check(&[on_main, packed], "r", Some("c0ffee"));
        check(&[on_main, loose], "r/below/the/root", Some("c0ffee"));
        check(&[("r/.git/HEAD", "c0ffee\n")], "r", Some("c0ffee"));
        let worktree = [
            loose,
            ("w/.git", "gitdir: ../r/.git/worktrees/w\n"),
            ("r/.git/worktrees/w/HEAD", "ref: refs/heads/main\n"),
            ("r/.git/worktrees/w/commondir", "../..\n"),
        ];
        check(&worktree, "w", Some("c0ffee"));
        let submodule = [
            ("r/sub/.git", "gitdir: ../.git/modules/sub\n"),
            ("r/.git/modules/sub/HEAD", "c0ffee\n"),
        ];
        check(&submodule, "r/sub", Some("c0ffee"));
        check(&[], "nothing", None);
    }
}
