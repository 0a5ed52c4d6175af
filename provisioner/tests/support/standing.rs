//! Stacks that many tests start from: put up once in a test process, copied for each test.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::world::World;

/// What commands have left in a local cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// After `up`: version 1 is live.
    Up,
    /// After `up` and one ride of a rider.
    Ridden,
    /// Then after `up --memory 256`: version 2 is live.
    TwoVersions,
    /// `Ridden`, then after `up` with the names of `RENAMED`: the old ones still exist.
    Renamed,
}

/// Settings with other names than the default ones.
pub const RENAMED: &str = "names = { table = \"Trips\", function = \"Unicorns\" }";

impl Standing {
    fn put_up(self) -> World {
        match self {
            Standing::Up => {
                let world = World::new();
                world.up(&[]).ok();
                world
            }
            Standing::Ridden => {
                let world = World::standing(Standing::Up);
                world.local(&["invoke", "--at", "47.61,-122.33"]).ok();
                world
            }
            Standing::TwoVersions => {
                let world = World::standing(Standing::Ridden);
                world.up(&["--memory", "256"]).ok();
                world
            }
            Standing::Renamed => {
                let world = World::standing(Standing::Ridden);
                world.declare(RENAMED);
                world.up(&["--yes"]).ok();
                world
            }
        }
    }

    /// The folder that is copied, made when it is first asked for.
    fn folder(self) -> &'static Path {
        static FOLDERS: [OnceLock<PathBuf>; 4] = [const { OnceLock::new() }; 4];
        FOLDERS[self as usize].get_or_init(|| {
            let folder = process_folder().join(format!("{self:?}"));
            copy(&self.put_up().path().join(LOCAL), &folder);
            folder
        })
    }
}

pub const LOCAL: &str = ".provision/local";

pub fn copy_into(world: &World, stack: Standing) {
    copy(stack.folder(), &world.path().join(LOCAL));
}

/// The folder of this process. Nothing runs when a test process ends, so the next one removes it.
pub fn process_folder() -> &'static Path {
    static FOLDER: OnceLock<(PathBuf, File)> = OnceLock::new();
    let (folder, _lock) = FOLDER.get_or_init(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stacks");
        fs::create_dir_all(&all).expect("a folder below target");
        for other in fs::read_dir(&all).expect("a folder").flatten() {
            remove_if_left(&other.path());
        }
        let folder = all.join(std::process::id().to_string());
        fs::create_dir_all(&folder).expect("a folder below target");
        let lock = File::create(folder.join("lock")).expect("a file");
        lock.try_lock().expect("a lock of this process alone");
        (folder, lock)
    });
    folder
}

fn remove_if_left(folder: &Path) {
    // Without a lock file yet, its process has just begun.
    let Ok(lock) = File::open(folder.join("lock")) else {
        return;
    };
    if lock.try_lock().is_ok() {
        let _ = fs::remove_dir_all(folder);
    }
}

/// Zips and programs are linked: the local cloud replaces such a file, it never writes into one.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let is_immutable = path.extension().is_some_and(|extension| extension == "zip")
            || path.file_name().is_some_and(|name| name == "bootstrap");
        if path.is_dir() {
            copy(&path, &to);
        } else if !(is_immutable && fs::hard_link(&path, &to).is_ok()) {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}
