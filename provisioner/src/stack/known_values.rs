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
        let keys = self.variables(inventory);
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

    /// What is wrong with `--show-env`: that neither the declared nor the deployed function has such a variable.
    pub fn unknown_variables(&self, inventory: &Inventory) -> Vec<String> {
        let known = self.variables(inventory);
        let shown = self.function.shown_env.iter();
        let unknown = shown.filter(|key| !known.contains(key.as_str()));
        let known: Vec<&str> = known.iter().copied().collect();
        let texts = unknown.map(|key| {
            format!(
                "--show-env {key}: the function has no such variable; it has {}",
                known.join(", ")
            )
        });
        texts.collect()
    }

    /// The names of the declared and the deployed variables.
    fn variables<'a>(&'a self, inventory: &'a Inventory) -> BTreeSet<&'a str> {
        let deployed = inventory.state(&self.function.id());
        let facts = deployed.into_iter().flat_map(|state| state.facts.iter());
        let deployed = facts.filter_map(|(name, _)| name.key_in(ENV));
        let declared = self.function.env.keys().map(String::as_str);
        deployed.chain(declared).collect()
    }
}
