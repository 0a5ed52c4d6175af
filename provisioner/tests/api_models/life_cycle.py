"""The life cycle of the stack with the real binary: four stages, adoption, drift, rollback, both downs."""

import io
import zipfile

from faults import Fault
from steps import BASIC, SCAN, TRUST, Steps, arn

# The longest stage name, and a production stage.
LONGEST = "prod-" + "x" * 26


class LifeCycle(Steps):
    """Runs commands and keeps what ended otherwise than expected."""

    def __init__(self, cloud, artifact):
        super().__init__(cloud)
        self.artifact = artifact
        self.dynamodb, self.iam, self.lambda_, self.logs = map(cloud.client, ["dynamodb", "iam", "lambda", "logs"])

    def run(self):
        self.default_stage()
        self.attempt(self.adoption)
        self.production("prod")
        self.production(LONGEST)

    def default_stage(self):
        self.command("status")
        self.plan(3)
        self.up()
        self.plan(0)
        self.up()
        self.command("status", "--output", "json")
        self.rides()
        self.rollback()
        self.drift()
        self.command("down", "--yes", code=4)
        self.command("down", "--keep-data", "--yes")
        self.up()
        self.command("rides")
        self.logs.put_log_group_deletion_protection(logGroupIdentifier="/aws/lambda/RequestUnicorn",
                                                    deletionProtectionEnabled=True)
        self.command("down", "--yes", code=4)
        self.command("down", "--delete-data", "--yes")
        self.command("down", "--yes")

    def production(self, stage):
        self.plan(3, "--stage", stage)
        self.up("--stage", stage, "--env", "LOG_LEVEL=debug")
        self.rides("--stage", stage)
        self.rollback("--stage", stage)
        self.attempt(lambda: self.shorten_recovery(stage))
        self.command("status", "--stage", stage)
        down = ["down", "--stage", stage, "--delete-data", "--yes"]
        self.command(*down, code=4)
        self.command(*down, "--confirm-stage", stage)

    def shorten_recovery(self, stage):
        self.dynamodb.update_continuous_backups(
            TableName=f"Rides-{stage}", PointInTimeRecoverySpecification={
                "PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7})
        at = ["--stage", stage]
        self.plan(3, *at)
        self.up(*at)
        self.plan(0, *at)

    def adoption(self):
        """A stack from the console, with provisioned capacity, a managed policy and another runtime."""
        stage, suffix = "dev", "-dev"
        self.dynamodb.create_table(
            TableName="Rides" + suffix, KeySchema=[{"AttributeName": "RideId", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "RideId", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
        self.dynamodb.put_item(TableName="Rides" + suffix, Item={"RideId": {"S": "old"}, "User": {"S": "ann"}})
        role = self.iam.create_role(RoleName="WildRydesLambda" + suffix, Path="/service-role/",
                                    AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.iam.attach_role_policy(RoleName="WildRydesLambda" + suffix, PolicyArn=BASIC)
        self.lambda_.create_function(FunctionName="RequestUnicorn" + suffix, Runtime="nodejs22.x",
                                     Handler="index.handler", Role=role, Code={"ZipFile": zipped("index.mjs")})
        self.logs.create_log_group(logGroupName="/aws/lambda/RequestUnicorn" + suffix)
        at = ["--stage", stage]
        adopt = [flag for kind in ("table", "role", "log-group", "function") for flag in ("--adopt", kind)]
        self.command("up", "--artifact", self.artifact, "--yes", *at, code=4)
        self.up(*at, *adopt)
        self.plan(0, *at)
        self.rides(*at)
        self.command("down", "--delete-data", "--yes", *at)

    def rides(self, *at):
        self.command("invoke", "--at", "47.61,-122.33", *at)
        self.command("rides", *at)
        self.command("rides", "--all", "--output", "json", *at)
        self.command("logs", *at)

    def rollback(self, *at):
        self.up("--memory", "256", *at)
        self.command("rollback", *at)
        self.command("up", "--artifact", self.artifact, "--memory", "256", "--yes", *at, code=4)
        self.up("--memory", "256", "--forward", *at)
        self.command("rollback", "--to", "1", *at)
        self.up("--forward", *at)

    def drift(self):
        """Each change by others is found by `plan` and repaired by `up`."""
        for change in [self.change_table, self.add_index, self.change_role, self.change_log_group,
                       self.change_function, self.change_log_levels, self.move_alias, self.split_traffic,
                       self.delete_function, self.recreate_role]:
            self.attempt(change)
            self.plan(3)
            self.up()
            self.plan(0)

    def change_table(self):
        for update in [
                {"DeletionProtectionEnabled": False},
                {"BillingMode": "PROVISIONED",
                 "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
                {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
                {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}]:
            self.dynamodb.update_table(TableName="Rides", **update)
        self.dynamodb.update_time_to_live(
            TableName="Rides", TimeToLiveSpecification={"Enabled": True, "AttributeName": "Expires"})
        self.dynamodb.update_continuous_backups(
            TableName="Rides", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        self.dynamodb.untag_resource(ResourceArn=arn("dynamodb", "table/Rides"), TagKeys=["provision:managed-by"])

    def add_index(self):
        self.dynamodb.update_table(
            TableName="Rides", AttributeDefinitions=[{"AttributeName": "RideId", "AttributeType": "S"},
                                                     {"AttributeName": "User", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": {
                "IndexName": "ByUser", "KeySchema": [{"AttributeName": "User", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}}}])

    def change_role(self):
        role = {"RoleName": "WildRydesLambda"}
        trust = TRUST.replace('"lambda.amazonaws.com"', '["lambda.amazonaws.com", "ec2.amazonaws.com"]')
        self.iam.update_assume_role_policy(**role, PolicyDocument=trust)
        self.iam.update_role_description(**role, Description="changed")
        self.iam.update_role(**role, MaxSessionDuration=7200)
        for name in ("DynamoDBWriteAccess", "Extra"):
            self.iam.put_role_policy(**role, PolicyName=name, PolicyDocument=SCAN)
        self.iam.delete_role_policy(**role, PolicyName="WriteLogs")
        self.iam.attach_role_policy(**role, PolicyArn=BASIC)
        self.iam.untag_role(**role, TagKeys=["provision:managed-by"])

    def change_log_group(self):
        self.logs.delete_retention_policy(logGroupName="/aws/lambda/RequestUnicorn")
        self.logs.untag_resource(resourceArn=arn("logs", "log-group:/aws/lambda/RequestUnicorn"),
                                 tagKeys=["provision:managed-by"])

    def change_function(self):
        function = {"FunctionName": "RequestUnicorn"}
        self.lambda_.update_function_configuration(
            **function, Handler="other", MemorySize=512, Timeout=3, EphemeralStorage={"Size": 1024},
            Environment={"Variables": {"TABLE_NAME": "Elsewhere", "DEBUG": "1"}}, TracingConfig={"Mode": "Active"},
            LoggingConfig={"LogFormat": "Text", "LogGroup": "/elsewhere"})
        self.lambda_.update_function_code(**function, ZipFile=zipped("bootstrap"))
        self.lambda_.put_function_concurrency(**function, ReservedConcurrentExecutions=1)
        self.lambda_.untag_resource(Resource=arn("lambda", "function:RequestUnicorn"),
                                    TagKeys=["provision:managed-by"])

    def change_log_levels(self):
        self.lambda_.update_function_configuration(
            FunctionName="RequestUnicorn",
            LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "DEBUG"})

    def move_alias(self):
        function = {"FunctionName": "RequestUnicorn"}
        self.lambda_.update_function_configuration(**function, MemorySize=1024)
        version = self.lambda_.publish_version(**function)["Version"]
        self.lambda_.update_alias(**function, Name="live", FunctionVersion=version)

    def split_traffic(self):
        function = {"FunctionName": "RequestUnicorn"}
        live = self.lambda_.get_alias(**function, Name="live")["FunctionVersion"]
        versions = self.lambda_.list_versions_by_function(**function)["Versions"]
        other = next(version["Version"] for version in versions if version["Version"] not in ("$LATEST", live))
        self.lambda_.update_alias(**function, Name="live", RoutingConfig={"AdditionalVersionWeights": {other: 0.5}})

    def delete_function(self):
        self.lambda_.delete_function(FunctionName="RequestUnicorn")
        self.logs.delete_log_group(logGroupName="/aws/lambda/RequestUnicorn")

    def recreate_role(self):
        role = {"RoleName": "WildRydesLambda"}
        tags = self.iam.list_role_tags(**role)["Tags"]
        for name in self.iam.list_role_policies(**role)["PolicyNames"]:
            self.iam.delete_role_policy(**role, PolicyName=name)
        self.iam.delete_role(**role)
        self.iam.create_role(**role, AssumeRolePolicyDocument=TRUST, Tags=tags)

    def plan(self, code, *flags):
        self.command("plan", "--artifact", self.artifact, "--exit-code", *flags, code=code)

    def up(self, *flags):
        self.command("up", "--artifact", self.artifact, "--yes", *flags)

    def command(self, *arguments, code=0):
        run = self.cloud.run(*arguments)
        if run.returncode != code:
            ended = f"ended with {run.returncode}, not {code}: {' | '.join(run.stderr.splitlines()[-4:])}"
            self.faults.append(Fault("provision", "run", f"`{' '.join(arguments)}` {ended}"))


def zipped(name):
    """A zip file with one file that no one runs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "#!/bin/sh\n")
    return file.getvalue()
