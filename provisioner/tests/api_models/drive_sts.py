"""Drives the operations of STS."""

from cloud import ACCOUNT
from steps import SCAN, TRUST, Driver

ROLE = f"arn:aws:iam::{ACCOUNT}:role/assumed"


class Sts(Driver):
    service = "sts"

    def steps(self):
        return [self.caller, self.federation, self.role]

    def caller(self):
        self.client.get_caller_identity()
        unknown = self.cloud.client("sts", key="AKIAABSENTABSENTABSE")
        self.refused(unknown.get_caller_identity, "InvalidClientTokenId")
        wrong = self.cloud.client("sts", secret="wrong")
        self.refused(wrong.get_caller_identity, "SignatureDoesNotMatch")

    def federation(self):
        keys = self.client.get_federation_token(Name="driven", Policy=SCAN, DurationSeconds=900)["Credentials"]
        federated = self.cloud.client("sts", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        federated.get_caller_identity()
        self.refused(federated.get_federation_token, "AccessDenied", Name="again")
        self.refused(self.client.get_federation_token, "MalformedPolicyDocument", Name="driven", Policy="{")

    def role(self):
        iam = self.cloud.client("iam")
        iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=TRUST)
        keys = self.client.assume_role(RoleArn=ROLE, RoleSessionName="driven", DurationSeconds=900)["Credentials"]
        session = self.cloud.client("sts", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        session.get_caller_identity()
        self.refused(self.client.assume_role, "AccessDenied", RoleArn=ROLE + "-absent", RoleSessionName="driven")
        iam.delete_role(RoleName="assumed")
