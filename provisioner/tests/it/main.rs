//! Drives the real binary and the library against local clouds, each test on its own.

#[path = "../support/artifact.rs"]
mod artifact;
#[path = "../support/cloud.rs"]
mod cloud;
#[path = "../support/console.rs"]
mod console;
#[expect(dead_code, reason = "the other test binary uses the rest")]
#[path = "../support/distance.rs"]
mod distance;
#[path = "../support/drift.rs"]
mod drift_by_hand;
#[path = "../support/in_process.rs"]
mod in_process;
#[expect(dead_code, reason = "the other test binary uses the rest")]
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/schema.rs"]
mod schema;
#[path = "../support/stand_in.rs"]
mod stand_in;
#[path = "../support/standing.rs"]
mod standing;
#[expect(dead_code, reason = "the other test binary uses the rest")]
#[path = "../support/under_faults.rs"]
mod under_faults;
#[path = "../support/world.rs"]
mod world;

#[path = "../../local-cloud/tests/it/modules.rs"]
mod modules;
#[path = "../../local-cloud/tests/oidc/mod.rs"]
mod oidc;

mod add_a_resource;
mod adoption;
mod certify;
mod completion;
mod credentials;
mod diagnosis;
mod documented_policies;
mod documents;
mod drift;
mod drift_whole;
mod engine;
mod faults;
mod fuzz;
mod github;
mod guidance;
mod help;
mod idempotency;
mod lag;
mod layers;
mod life_cycle;
mod log_group;
mod permission;
mod plan_digest;
mod plan_text;
mod policies;
mod preflight;
mod progress;
mod pure_plan;
mod reading;
mod readme;
mod release;
mod rides;
mod schemas;
mod second_opinion;
mod settings;
mod streams;
mod sweep;
mod timings;
mod troubles;
mod undeclared;
mod versions;
mod web_identity;
