"""Drives the operations of IAM."""

from steps import BASIC, SCAN, TRUST, Driver, arn

ROLE = {"RoleName": "driven"}
ABSENT = {"RoleName": "absent"}


class Iam(Driver):
    service = "iam"

    def steps(self):
        return [self.roles, self.inline_policies, self.managed_policies, self.boundary, self.tags, self.simulation,
                self.deletion]

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
