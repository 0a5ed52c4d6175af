//! The stages that are known without a request: those with settings, and those in the local cloud.

use std::collections::BTreeMap;

use super::place::Place;
use crate::cli::{Candidate, Global};
use crate::local;
use crate::resources::owner;
use crate::stack::stage::Stage;

pub fn stages(global: &Global) -> Vec<Candidate> {
    let Some(place) = Place::of(global) else {
        return Vec::new();
    };
    let deployed = local::saved(&place.local).map_or(Vec::new(), |saved| {
        let stages = saved.tag(owner::STAGE).into_iter();
        stages
            .filter_map(|stage| Stage::parse(stage).ok())
            .collect()
    });
    let deployed = deployed.into_iter();
    let deployed = deployed.map(|stage| (stage, "deployed in the local cloud"));
    let settings = place.declaration.stages().cloned();
    let settings = settings.map(|stage| (stage, "has settings in Cargo.toml"));
    let all: BTreeMap<Stage, &str> = settings.chain(deployed).collect();
    let candidates = all.into_iter().map(|(stage, help)| Candidate {
        value: stage.as_str().to_owned(),
        help: Some(help.to_owned()),
    });
    candidates.collect()
}
