//! From the declaration to the resources: each spec with the client of its service.

use std::rc::Rc;

use super::declaration::Stack;
use crate::aws::clients::Cloud;
use crate::commit::Commit;
use crate::engine::resource::{Declared, Resource};
use crate::resources::function::{self, Function};
use crate::resources::log_group::{self, LogGroup};
use crate::resources::owner::Owner;
use crate::resources::release::alias::LiveAlias;
use crate::resources::release::{Release, ReleaseOptions, ReleaseSpec, TestRide};
use crate::resources::role::{self, Role, TemporaryRole};
use crate::resources::table::{self, Table};
use crate::rides::Rides;

/// The options of a run besides the declaration.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub release: ReleaseOptions,
    /// Written into the version's description.
    pub commit: Option<Commit>,
}

impl Stack {
    /// The only list of kinds, in the order people read them.
    pub fn resources(&self, cloud: &Cloud, request: Request) -> Vec<Rc<dyn Resource>> {
        let owner = Owner {
            stage: self.stage.as_str().to_owned(),
            region: cloud.region.clone(),
            further: self.tags.clone(),
        };
        let role = Role {
            spec: self.role.clone(),
            owner: owner.clone(),
            client: cloud.iam.clone(),
        };
        let temporary_role = TemporaryRole::of(&role);
        let role: Rc<dyn Resource> = Rc::new(role);
        vec![
            Rc::new(Table {
                spec: self.table.clone(),
                owner: owner.clone(),
                client: cloud.dynamodb.clone(),
                rides: self.rides(cloud),
            }),
            Rc::clone(&role),
            Rc::new(LogGroup {
                spec: self.log_group.clone(),
                owner: owner.clone(),
                client: cloud.logs.clone(),
            }),
            Rc::new(Function {
                spec: self.function.clone(),
                owner,
                client: cloud.lambda.clone(),
                role,
                temporary_role,
            }),
            Rc::new(Release {
                spec: self.release(request),
                alias: self.live_alias(cloud),
                ride: self.test_ride(cloud),
            }),
        ]
    }

    /// Makes the resource of a kind and a name that it had in an earlier declaration, to read and delete it.
    pub fn earlier<'a>(
        &'a self,
        cloud: &'a Cloud,
    ) -> impl Fn(&str, &str) -> Option<Rc<dyn Resource>> + 'a {
        move |kind, name| {
            let stack = self.with_name(kind, name)?;
            let mut resources = stack.resources(cloud, Request::default()).into_iter();
            resources.find(|resource| {
                let id = resource.declared().id();
                id.kind == kind && id.name == name
            })
        }
    }

    /// The stack with this name for its resource of that kind. `None` if it has no such kind.
    pub fn with_name(&self, kind: &str, name: &str) -> Option<Stack> {
        let mut stack = self.clone();
        // The role has the names of the others for its policies, and for those of callers.
        let (declared, of_role) = match kind {
            table::KIND => (&mut stack.table.name, Some(&mut stack.role.table)),
            role::KIND => (&mut stack.role.name, None),
            log_group::KIND => (&mut stack.log_group.name, Some(&mut stack.role.log_group)),
            function::KIND => (&mut stack.function.name, Some(&mut stack.role.function)),
            _ => return None,
        };
        for place in [Some(declared), of_role].into_iter().flatten() {
            name.clone_into(place);
        }
        Some(stack)
    }

    fn release(&self, request: Request) -> ReleaseSpec {
        let Request { release, commit } = request;
        let proves: [Rc<dyn Declared>; 3] = [
            Rc::new(self.table.clone()),
            Rc::new(self.role.clone()),
            Rc::new(self.function.clone()),
        ];
        ReleaseSpec {
            function: self.function.clone(),
            kept_versions: self.kept_versions,
            options: release,
            proves: proves.into(),
            also_needs: vec![self.log_group.id()],
            commit,
        }
    }

    pub fn live_alias(&self, cloud: &Cloud) -> LiveAlias {
        LiveAlias {
            client: cloud.lambda.clone(),
            function: self.function.name.clone(),
        }
    }

    pub fn rides(&self, cloud: &Cloud) -> Rides {
        Rides {
            client: cloud.dynamodb.clone(),
            table: self.table.name.clone(),
            test_ride: self.test_ride(cloud).ride_id(),
        }
    }

    fn test_ride(&self, cloud: &Cloud) -> TestRide {
        TestRide {
            function: self.function.name.clone(),
            table: self.table.id(),
            role: self.role.clone(),
            stage: self.stage.as_str().to_owned(),
            lambda: cloud.lambda.clone(),
            dynamodb: cloud.dynamodb.clone(),
        }
    }
}
