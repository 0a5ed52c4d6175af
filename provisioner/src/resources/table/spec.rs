//! The declaration of the table. Its key is permanent; everything else changes in place.

use crate::engine::attribute::{Attribute, OnChange};
use crate::engine::inputs::Inputs;
use crate::engine::observed::ResourceId;
use crate::engine::resource::Declared;
use crate::resources::owner::{Owner, Tags};
use crate::stack::setting::Setting;

pub const KIND: &str = "table";

pub const KEY: &str = "key";
pub const BILLING: &str = "billing";
pub const PROTECTION: &str = "deletion protection";
pub const CLASS: &str = "class";
pub const ENCRYPTION: &str = "encryption";
pub const AWS_OWNED_KEY: &str = "AWS-owned key";
pub const RECOVERY: &str = "point-in-time recovery";
/// The longest period of recovery, and AWS's default.
const LONGEST_RECOVERY: i32 = 35;
pub const STREAM: &str = "stream";
pub const TTL: &str = "time to live";
/// The group of the table's global secondary indexes.
pub const INDEX: &str = "index";

#[derive(Clone, Debug)]
pub struct TableSpec {
    pub name: String,
    /// The partition key, a string.
    pub key: &'static str,
    pub billing: Billing,
    pub deletion_protection: bool,
    /// `STANDARD` or `STANDARD_INFREQUENT_ACCESS`.
    pub class: &'static str,
    /// How far back the table can be restored; `None` without point-in-time recovery. It is billed by the
    /// gigabyte. AWS keeps a system backup for 35 days when the table is deleted.
    pub recovery_days: Setting<Option<i32>>,
    pub tags: Tags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Billing {
    OnDemand,
    Provisioned { read_units: i64, write_units: i64 },
}

impl std::fmt::Display for Billing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Billing::OnDemand => f.write_str("on demand"),
            Billing::Provisioned {
                read_units,
                write_units,
            } => write!(
                f,
                "provisioned, {read_units} read and {write_units} write units"
            ),
        }
    }
}

impl TableSpec {
    pub fn id(&self) -> ResourceId {
        ResourceId::new(KIND, &self.name)
    }
}

impl Declared for TableSpec {
    fn id(&self) -> ResourceId {
        TableSpec::id(self)
    }

    fn attributes(&self, inputs: &Inputs<'_>) -> Vec<Attribute> {
        let TableSpec {
            name: _,
            key,
            billing,
            deletion_protection,
            class,
            recovery_days,
            tags,
        } = self;
        let key = Attribute::new(KEY, format!("{key} (S)")).refuse(
            "a table's key cannot be changed, and `provision` never replaces a table",
            "restore the declared key, or deploy another stage and copy the rides to it: \
             `… --stage second`",
        );
        let mut attributes = vec![
            key,
            Attribute::new(BILLING, billing.to_string()),
            Attribute::new(PROTECTION, on_off(*deletion_protection)),
            Attribute::new(CLASS, *class).usual("STANDARD"),
            Attribute::new(ENCRYPTION, AWS_OWNED_KEY).usual(AWS_OWNED_KEY),
            recovery(recovery_days),
        ];
        let owner = Owner::of(inputs.context(), tags);
        attributes.extend(owner.attributes(&self.id(), inputs));
        attributes
    }

    fn has_tags(&self) -> bool {
        true
    }

    fn arn(&self, inputs: &Inputs<'_>) -> String {
        let table = format!("table/{}", self.name);
        inputs.context().arn("dynamodb", &table)
    }
}

fn recovery(days: &Setting<Option<i32>>) -> Attribute {
    let recovery = Attribute::new(RECOVERY, recovery_text(days.value))
        .service_default(on_off(false))
        .source(days.shown_source());
    // Turning it on loses nothing.
    let on_change = match days.value {
        Some(_) => OnChange::Update,
        None => OnChange::Ask("which ends the recovery history".to_owned()),
    };
    Attribute {
        on_change,
        ..recovery
    }
}

pub fn recovery_text(days: Option<i32>) -> String {
    match days {
        None | Some(LONGEST_RECOVERY) => on_off(days.is_some()).to_owned(),
        Some(days) => format!("on, for {days} days"),
    }
}

pub fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
