"""Drives the operations of IAM."""

from cloud import ACCOUNT
from steps import BASIC, SCAN, TRUST, Driver, arn

ROLE = {"RoleName": "driven"}
ABSENT = {"RoleName": "absent"}
POLICY = {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/driven/first"}
ABSENT_POLICY = {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/absent"}


class Iam(Driver):
    service = "iam"

    def steps(self):
        return [self.roles, self.service_linked_roles, self.inline_policies, self.managed_policies, self.own_policies,
                self.versions, self.boundary, self.tags, self.simulation, self.deletion]

    def roles(self):
        tags = [{"Key": "team", "Value": "blue"}]
        for name in ("driven", "second"):
            self.client.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description="driven", Tags=tags,
                                    Path="/driven/", MaxSessionDuration=7200)
            self.wait("role_exists", RoleName=name)
        self.refused(self.client.create_role, "EntityAlreadyExists", **ROLE, AssumeRolePolicyDocument=TRUST)
        self.refused(self.client.create_role, "MalformedPolicyDocument", RoleName="third",
                     AssumeRolePolicyDocument="{}")
        self.client.get_role(**ROLE)
        self.refused(self.client.get_role, "NoSuchEntity", **ABSENT)
        self.pages("list_roles", 2, PathPrefix="/driven/")
        self.attempt(self.update_role)
        self.client.update_role_description(**ROLE, Description="changed")
        self.refused(self.client.update_role_description, "NoSuchEntity", **ABSENT, Description="changed")
        self.client.update_assume_role_policy(**ROLE, PolicyDocument=TRUST)
        self.refused(self.client.update_assume_role_policy, "NoSuchEntity", **ABSENT, PolicyDocument=TRUST)
        self.pages("list_instance_profiles_for_role", 1, **ROLE)
        self.refused(self.client.list_instance_profiles_for_role, "NoSuchEntity", **ABSENT)

    def update_role(self):
        self.refused(self.client.update_role, "NoSuchEntity", **ABSENT)
        self.client.update_role(**ROLE, MaxSessionDuration=3600)

    def service_linked_roles(self):
        service = {"AWSServiceName": "replication.dynamodb.amazonaws.com"}
        self.client.create_service_linked_role(**service, Description="driven")
        self.refused(self.client.create_service_linked_role, "InvalidInput", **service)
        self.client.get_role(RoleName="AWSServiceRoleForDynamoDBReplication")

    def inline_policies(self):
        for name in ("first", "second"):
            self.client.put_role_policy(**ROLE, PolicyName=name, PolicyDocument=SCAN)
        self.refused(self.client.put_role_policy, "NoSuchEntity", **ABSENT, PolicyName="first", PolicyDocument=SCAN)
        self.client.get_role_policy(**ROLE, PolicyName="first")
        self.refused(self.client.get_role_policy, "NoSuchEntity", **ROLE, PolicyName="absent")
        self.pages("list_role_policies", 2, **ROLE)
        self.refused(self.client.list_role_policies, "NoSuchEntity", **ABSENT)

    def managed_policies(self):
        self.wait("policy_exists", PolicyArn=BASIC)
        read_only = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
        version = self.client.get_policy(PolicyArn=BASIC)["Policy"]["DefaultVersionId"]
        self.client.get_policy_version(PolicyArn=BASIC, VersionId=version)
        self.refused(self.client.get_policy, "NoSuchEntity", PolicyArn=BASIC + "X")
        self.refused(self.client.get_policy_version, "NoSuchEntity", PolicyArn=BASIC, VersionId="v999")
        for policy in (BASIC, read_only):
            self.client.attach_role_policy(**ROLE, PolicyArn=policy)
        self.refused(self.client.attach_role_policy, "NoSuchEntity", **ABSENT, PolicyArn=BASIC)
        self.pages("list_attached_role_policies", 2, **ROLE)
        self.refused(self.client.list_attached_role_policies, "NoSuchEntity", **ABSENT)
        self.refused(self.client.delete_role, "DeleteConflict", **ROLE)
        for policy in (BASIC, read_only):
            self.client.detach_role_policy(**ROLE, PolicyArn=policy)
        self.refused(self.client.detach_role_policy, "NoSuchEntity", **ROLE, PolicyArn=BASIC)

    def own_policies(self):
        tags = [{"Key": "team", "Value": "blue"}]
        policy = {"Path": "/driven/", "PolicyDocument": SCAN}
        self.client.create_policy(PolicyName="first", **policy, Description="driven", Tags=tags)
        self.wait("policy_exists", **POLICY)
        self.client.create_policy(PolicyName="second", **policy)
        self.refused(self.client.create_policy, "EntityAlreadyExists", PolicyName="first", **policy)
        self.refused(self.client.create_policy, "MalformedPolicyDocument", PolicyName="third", PolicyDocument="{}")
        self.client.attach_role_policy(**ROLE, **POLICY)
        self.client.get_policy(**POLICY)
        self.pages("list_policies", 2, Scope="Local", PathPrefix="/driven/")
        self.client.list_policies(OnlyAttached=True)
        self.refused(self.client.list_policies, "ValidationError", Scope="None")
        self.refused(self.client.delete_policy, "DeleteConflict", **POLICY)
        self.client.detach_role_policy(**ROLE, **POLICY)

    def versions(self):
        document = {"PolicyDocument": SCAN}
        self.client.create_policy_version(**POLICY, **document, SetAsDefault=True)
        for _ in range(3):
            self.client.create_policy_version(**POLICY, **document)
        self.refused(self.client.create_policy_version, "LimitExceeded", **POLICY, **document)
        self.client.get_policy_version(**POLICY, VersionId="v2")
        self.pages("list_policy_versions", 5, **POLICY)
        self.client.list_policy_versions(PolicyArn=BASIC)
        self.refused(self.client.list_policy_versions, "NoSuchEntity", **ABSENT_POLICY)
        self.client.set_default_policy_version(**POLICY, VersionId="v3")
        self.refused(self.client.set_default_policy_version, "NoSuchEntity", **POLICY, VersionId="v9")
        self.refused(self.client.delete_policy_version, "DeleteConflict", **POLICY, VersionId="v3")
        self.refused(self.client.delete_policy, "DeleteConflict", **POLICY)
        for version in ("v1", "v2", "v4", "v5"):
            self.client.delete_policy_version(**POLICY, VersionId=version)

    def boundary(self):
        self.client.put_role_permissions_boundary(**ROLE, PermissionsBoundary=BASIC)
        self.refused(self.client.put_role_permissions_boundary, "NoSuchEntity", **ABSENT, PermissionsBoundary=BASIC)
        self.client.get_role(**ROLE)
        self.client.delete_role_permissions_boundary(**ROLE)
        self.refused(self.client.delete_role_permissions_boundary, "NoSuchEntity", **ABSENT)

    def tags(self):
        self.client.tag_role(**ROLE, Tags=[{"Key": "stage", "Value": ""}])
        self.refused(self.client.tag_role, "NoSuchEntity", **ABSENT, Tags=[{"Key": "stage", "Value": ""}])
        self.pages("list_role_tags", 2, **ROLE)
        self.refused(self.client.list_role_tags, "NoSuchEntity", **ABSENT)
        self.client.untag_role(**ROLE, TagKeys=["stage"])
        self.refused(self.client.untag_role, "NoSuchEntity", **ABSENT, TagKeys=["stage"])

    def simulation(self):
        actions = {"ActionNames": ["dynamodb:Scan", "dynamodb:PutItem"]}
        self.pages("simulate_principal_policy", 2, PolicySourceArn=arn("iam", "role/driven/driven").replace(
            "us-east-1", ""), **actions)
        self.refused(self.client.simulate_principal_policy, "NoSuchEntity",
                     PolicySourceArn=arn("iam", "role/absent").replace("us-east-1", ""), **actions)
        self.pages("simulate_custom_policy", 2, PolicyInputList=[SCAN], **actions)
        self.refused(self.client.simulate_custom_policy, "InvalidInput", PolicyInputList=["{"], **actions)

    def deletion(self):
        for name in ("first", "second"):
            self.client.delete_role_policy(**ROLE, PolicyName=name)
        self.refused(self.client.delete_role_policy, "NoSuchEntity", **ROLE, PolicyName="first")
        for name in ("driven", "second"):
            self.client.delete_role(RoleName=name)
        self.refused(self.client.delete_role, "NoSuchEntity", **ABSENT)
        for name in ("first", "second"):
            self.client.delete_policy(PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/driven/{name}")
        self.refused(self.client.delete_policy, "NoSuchEntity", **ABSENT_POLICY)
        self.refused(self.client.delete_policy, "AccessDenied", PolicyArn=BASIC)
