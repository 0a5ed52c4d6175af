//! The settings of a workspace: `[workspace.metadata.provision]` in its Cargo.toml, and over it the sections of
//! the stages, `[workspace.metadata.provision.stage.prod]`. They change a deployment without a compiler.
//!
//! Every section is checked in every run, so that a mistake in `stage.prod` is found before production is
//! deployed. Pure but for `manifest::read`.

mod error;
mod layer;
mod manifest;
pub mod rules;
mod section;

pub use error::SettingsError;
pub use layer::Layer;
pub use manifest::Manifest;
