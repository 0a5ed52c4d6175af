//! The files of `policies/`: those of the workspace, or outside of one those that are embedded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::PolicyError;
use super::grammar::{Kind, check};
use super::template::Template;

/// The trust policy of the role: the Lambda service, on behalf of this account.
pub const TRUST: &str = include_str!("../../../policies/trust.json");
/// The permissions on the table.
pub const DYNAMODB_WRITE_ACCESS: &str =
    include_str!("../../../policies/dynamodb-write-access.json");
/// The permissions on the log group. `CreateLogGroup` is omitted on purpose: with it, a late log event would
/// create the group again, without retention, after `down` deleted it.
pub const WRITE_LOGS: &str = include_str!("../../../policies/write-logs.json");

/// The file of the trust policy; the others have permissions.
const TRUST_FILE: &str = "trust.json";

/// The files of the function's role, with what is embedded.
pub const FILES: [(&str, &str); 3] = [
    (TRUST_FILE, TRUST),
    ("dynamodb-write-access.json", DYNAMODB_WRITE_ACCESS),
    ("write-logs.json", WRITE_LOGS),
];

/// The policies of the function's role.
#[derive(Clone, Debug, PartialEq)]
pub struct RolePolicies {
    pub trust: Template,
    pub dynamodb_write_access: Template,
    pub write_logs: Template,
}

/// Why a file of `policies/` cannot be used.
#[derive(Debug)]
pub enum FileFault {
    Unreadable(PathBuf, io::Error),
    Malformed(PathBuf, PolicyError),
}

impl RolePolicies {
    pub fn embedded() -> RolePolicies {
        let [trust, dynamodb_write_access, write_logs] = FILES
            .map(|(_, text)| Template::parse(text).expect("a test parses each embedded policy"));
        RolePolicies {
            trust,
            dynamodb_write_access,
            write_logs,
        }
    }

    /// The folder of a workspace, if it has one.
    pub fn folder(workspace: &Path) -> Option<PathBuf> {
        Some(workspace.join("policies")).filter(|folder| folder.is_dir())
    }

    pub fn read(folder: &Path) -> Result<RolePolicies, FileFault> {
        let read = |name: &str| {
            let (path, text) = file(folder, name)?;
            Template::parse(&text).map_err(|error| FileFault::Malformed(path, error))
        };
        let [trust, dynamodb_write_access, write_logs] = FILES.map(|(name, _)| read(name));
        Ok(RolePolicies {
            trust: trust?,
            dynamodb_write_access: dynamodb_write_access?,
            write_logs: write_logs?,
        })
    }

    /// What may be wrong with the policies of that folder, or with those that are embedded. Fails if one is wrong.
    pub fn doubts(folder: Option<&Path>) -> Result<Vec<String>, FileFault> {
        let mut doubts = Vec::new();
        for (name, embedded) in FILES {
            let (path, text) = match folder {
                Some(folder) => file(folder, name)?,
                None => (Path::new("policies").join(name), embedded.to_owned()),
            };
            let kind = match name {
                TRUST_FILE => Kind::Trust,
                _ => Kind::Permissions,
            };
            let found =
                check(&text, kind).map_err(|error| FileFault::Malformed(path.clone(), error))?;
            let path = path.display();
            doubts.extend(found.iter().map(|doubt| format!("`{path}`, {doubt}")));
        }
        Ok(doubts)
    }
}

/// The path and the text of a file.
fn file(folder: &Path, name: &str) -> Result<(PathBuf, String), FileFault> {
    let path = folder.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(error) => Err(FileFault::Unreadable(path, error)),
    }
}
