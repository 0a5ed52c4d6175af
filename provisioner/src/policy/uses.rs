//! The changes of a plan that need a permission, as data: what the table of permissions says beside each action.
//!
//! Attributes go by their name or by the name of their group, as a plan prints them: `retention`, `tag`.

/// A change of a resource of this kind that needs a permission.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    pub kind: &'static str,
    pub change: ChangeKind,
}

#[derive(Clone, Copy, Debug)]
pub enum ChangeKind {
    Create,
    /// The creation of a resource that is declared with this attribute on.
    CreateWith(&'static str),
    /// An update of one of these attributes.
    Update(&'static [&'static str]),
    /// An update of any attribute but these.
    UpdateOther(&'static [&'static str]),
    /// An update that gives one of these attributes a value.
    Set(&'static [&'static str]),
    /// An update that removes one of these attributes.
    Remove(&'static [&'static str]),
    /// An update that gives this attribute another value than it had.
    Replace(&'static str),
    Adopt,
    Delete,
    /// The deletion of a resource that has this attribute, or has it on.
    DeleteWith(&'static str),
    /// The test ride, which `--skip-test-ride` omits.
    TestRide,
}

impl ChangeKind {
    pub const fn of(self, kind: &'static str) -> Use {
        Use { kind, change: self }
    }
}
