//! What a cloud has saved, read without starting one: nothing is locked, created or changed.

use std::path::Path;

use crate::clock::{Clock as _, SystemClock, to_millis};
use crate::state::function::Function;
use crate::state::{State, load};

pub struct Saved(State);

impl Saved {
    /// `None` if there is no cloud in the folder, or its state cannot be read.
    pub fn read(state_dir: &Path) -> Option<Saved> {
        load(&state_dir.join("state.json")).ok().map(Saved)
    }

    /// The values of a tag, of all tables, roles, functions and log groups.
    pub fn tag(&self, key: &str) -> Vec<&str> {
        let now = to_millis(SystemClock.now());
        let regions = self.0.regions.values();
        let of_regions = regions.flat_map(|region| {
            let tables = region.tables.keys();
            let tables = tables.filter_map(move |name| Some(region.table(name, now)?.0));
            let tables = tables.map(|table| table.tags.written());
            let functions = region.functions.values().map(|function| &function.tags);
            let log_groups = region.log_groups.values().map(|group| &group.tags);
            tables.chain(functions).chain(log_groups)
        });
        let roles = self.0.iam.roles().map(|role| &role.tags);
        let tags = of_regions.chain(roles).flatten();
        let values = tags.filter(|(other, _)| other == key);
        values.map(|(_, value)| &**value).collect()
    }

    /// The numbers of the published versions of a function.
    pub fn versions(&self, region: &str, function: &str) -> Vec<u64> {
        let function = self.function(region, function);
        function.map_or_else(Vec::new, |function| {
            function.published.keys().copied().collect()
        })
    }

    /// The version and the description of an alias.
    pub fn alias(&self, region: &str, function: &str, alias: &str) -> Option<(&str, &str)> {
        let alias = self.function(region, function)?.aliases.get(alias)?;
        Some((&alias.version, &alias.description))
    }

    fn function(&self, region: &str, name: &str) -> Option<&Function> {
        self.0.region(region).functions.get(name)
    }
}
