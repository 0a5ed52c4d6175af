//! Where a command line works, as far as it can be told before it is complete. What is malformed is as if it were not
//! there: the command itself says so.

use std::path::PathBuf;

use crate::artifact;
use crate::cli::Global;
use crate::stack::workspace::Declaration;

pub struct Place {
    pub declaration: Declaration,
    /// The directory of the local cloud.
    pub local: PathBuf,
}

impl Place {
    pub fn of(global: &Global) -> Option<Place> {
        let folder = std::env::current_dir().ok()?;
        let workspace = artifact::workspace(&folder);
        let declaration = Declaration::of(workspace.as_deref()).unwrap_or_default();
        let home = workspace.unwrap_or(folder);
        Some(Place {
            declaration,
            local: global.local_folder(&home),
        })
    }
}
