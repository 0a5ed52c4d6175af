//! The values of environment variables that a plan may show.

use std::collections::BTreeSet;

use super::declaration::Stack;
use crate::engine::observed::Inventory;
use crate::report::plan::KnownValues;
use crate::resources::function::{ENV, env_output};

impl Stack {
    /// The names of the stack's own resources, which are no secrets, and the values of the variables that
    /// `--show-env` names.
    pub fn known_values(&self, inventory: &Inventory) -> KnownValues {
        let function = &self.function;
        let deployed = inventory.state(&function.id());
        let facts = deployed.into_iter().flat_map(|state| state.facts.iter());
        let deployed_keys = facts.filter_map(|(name, _)| name.key_in(ENV));
        let declared_keys = function.env.keys().map(String::as_str);
        let keys: BTreeSet<&str> = deployed_keys.chain(declared_keys).collect();
        let names = [
            &self.table.name,
            &self.role.name,
            &self.log_group.name,
            &function.name,
        ];
        let mut values = KnownValues::default();
        let undeclared = inventory.index.undeclared.iter().map(|one| &one.id.name);
        let names: Vec<&String> = names.into_iter().chain(undeclared).collect();
        for key in &keys {
            for name in &names {
                values.add_name(function.env_hash(key, name), name);
            }
        }
        for key in &function.shown_env {
            let output = env_output(key);
            let deployed = deployed.and_then(|state| state.outputs.get(&output));
            let declared = function.env.get(key).map(|setting| &setting.value);
            for value in deployed.into_iter().chain(declared) {
                values.add_asked_for(function.env_hash(key, value), value);
            }
        }
        values
    }
}
