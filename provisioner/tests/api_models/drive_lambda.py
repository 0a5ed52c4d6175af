"""Drives the operations of Lambda, with the function of this workspace, whose own requests are recorded too."""

import json
from pathlib import Path

from steps import SCAN, TRUST, Driver, arn

FUNCTION = {"FunctionName": "driven"}
ABSENT = {"FunctionName": "absent"}
WRITE = SCAN.replace("dynamodb:Scan", "*")
RIDE = json.dumps({
    "httpMethod": "POST", "path": "/ride", "headers": {"Content-Type": "application/json"},
    "requestContext": {"authorizer": {"claims": {"cognito:username": "ann"}}},
    "body": json.dumps({"PickupLocation": {"Latitude": 47.6, "Longitude": -122.3}}), "isBase64Encoded": False})


class Lambda(Driver):
    service = "lambda"

    def steps(self):
        return [self.neighbors, self.functions, self.reads, self.updates, self.versions, self.aliases,
                self.invocations, self.tags, self.permissions, self.concurrency, self.parts_not_set, self.deletion]

    def neighbors(self):
        iam, dynamodb = self.cloud.client("iam"), self.cloud.client("dynamodb")
        self.role = iam.create_role(RoleName="driver", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.put_role_policy(RoleName="driver", PolicyName="all", PolicyDocument=WRITE)
        dynamodb.create_table(TableName="Driver", KeySchema=[{"AttributeName": "RideId", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "RideId", "AttributeType": "S"}],
                              BillingMode="PAY_PER_REQUEST")

    def functions(self):
        code = {"ZipFile": Path(self.artifact).read_bytes()}
        created = {"Runtime": "provided.al2023", "Handler": "bootstrap", "Role": self.role, "Code": code}
        # The function's requests go through the recorder.
        variables = {"TABLE_NAME": "Driver", "AWS_ENDPOINT_URL_DYNAMODB": self.cloud.recorder.url}
        self.client.create_function(
            **FUNCTION, **created, Description="driven", Timeout=10, MemorySize=128, Tags={"team": "blue"},
            Environment={"Variables": variables}, Architectures=["x86_64"], EphemeralStorage={"Size": 512},
            TracingConfig={"Mode": "PassThrough"}, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/driven"})
        self.client.create_function(FunctionName="second", **created)
        for name in ("function_exists", "function_active", "function_active_v2"):
            self.wait(name, **FUNCTION)
        self.refused(self.client.create_function, "ResourceConflictException", **FUNCTION, **created)
        self.refused(self.client.create_function, "InvalidParameterValueException", FunctionName="third",
                     **{**created, "Role": self.role + "-absent"})

    def reads(self):
        self.client.get_function(**FUNCTION)
        self.refused(self.client.get_function, "ResourceNotFoundException", **ABSENT)
        self.client.get_function_configuration(**FUNCTION)
        self.refused(self.client.get_function_configuration, "ResourceNotFoundException", **ABSENT)
        self.pages("list_functions", 2)
        self.client.list_functions(FunctionVersion="ALL")
        self.client.get_account_settings()

    def updates(self):
        self.client.update_function_configuration(**FUNCTION, MemorySize=256)
        for name in ("function_updated", "function_updated_v2"):
            self.wait(name, **FUNCTION)
        stale = {"RevisionId": "00000000-0000-0000-0000-000000000000"}
        self.refused(self.client.update_function_configuration, "PreconditionFailedException", **FUNCTION, **stale)
        self.refused(self.client.update_function_configuration, "ResourceNotFoundException", **ABSENT)
        self.client.update_function_code(**FUNCTION, ZipFile=Path(self.artifact).read_bytes(), DryRun=True)
        self.client.update_function_code(**FUNCTION, ZipFile=Path(self.artifact).read_bytes())
        self.wait("function_updated", **FUNCTION)
        self.refused(self.client.update_function_code, "ResourceNotFoundException", **ABSENT, ZipFile=b"x")

    def versions(self):
        self.client.publish_version(**FUNCTION, Description="one")
        self.wait("published_version_active", **FUNCTION, Qualifier="1")
        self.client.update_function_configuration(**FUNCTION, Description="changed")
        self.wait("function_updated", **FUNCTION)
        self.client.publish_version(**FUNCTION)
        self.refused(self.client.publish_version, "ResourceNotFoundException", **ABSENT)
        self.pages("list_versions_by_function", 3, **FUNCTION)
        self.refused(self.client.list_versions_by_function, "ResourceNotFoundException", **ABSENT)

    def aliases(self):
        for name in ("live", "next"):
            self.client.create_alias(**FUNCTION, Name=name, FunctionVersion="1", Description="driven")
        self.refused(self.client.create_alias, "ResourceConflictException", **FUNCTION, Name="live",
                     FunctionVersion="1")
        self.client.update_alias(**FUNCTION, Name="live", FunctionVersion="1",
                                 RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
        self.refused(self.client.update_alias, "ResourceNotFoundException", **FUNCTION, Name="absent")
        self.client.get_alias(**FUNCTION, Name="live")
        self.refused(self.client.get_alias, "ResourceNotFoundException", **FUNCTION, Name="absent")
        self.pages("list_aliases", 2, **FUNCTION)
        self.refused(self.client.list_aliases, "ResourceNotFoundException", **ABSENT)
        self.refused(self.client.delete_function, "ResourceConflictException", **FUNCTION, Qualifier="1")
        self.client.delete_alias(**FUNCTION, Name="next")
        self.refused(self.client.delete_alias, "ResourceNotFoundException", **ABSENT, Name="next")

    def invocations(self):
        answer = self.client.invoke(**FUNCTION, Qualifier="live", LogType="Tail", Payload=RIDE)
        if json.loads(answer["Payload"].read())["statusCode"] != 201:
            raise AssertionError("the function does not answer 201")
        self.client.invoke(**FUNCTION, InvocationType="Event", Payload=RIDE)
        self.client.invoke(**FUNCTION, InvocationType="DryRun", Payload=RIDE)
        self.refused(self.client.invoke, "ResourceNotFoundException", **ABSENT, Payload=RIDE)
        self.refused(self.client.invoke, "InvalidRequestContentException", **FUNCTION, Payload=b"{")

    def tags(self):
        function = {"Resource": arn("lambda", "function:driven")}
        absent = {"Resource": arn("lambda", "function:absent")}
        self.client.tag_resource(**function, Tags={"stage": "dev"})
        self.refused(self.client.tag_resource, "ResourceNotFoundException", **absent, Tags={"stage": "dev"})
        self.client.list_tags(**function)
        self.refused(self.client.list_tags, "ResourceNotFoundException", **absent)
        self.client.untag_resource(**function, TagKeys=["stage"])
        self.refused(self.client.untag_resource, "ResourceNotFoundException", **absent, TagKeys=["stage"])

    def permissions(self):
        statement = {"StatementId": "gateway", "Action": "lambda:InvokeFunction",
                     "Principal": "apigateway.amazonaws.com"}
        self.client.add_permission(**FUNCTION, **statement, SourceArn=arn("execute-api", "api/*/POST/ride"))
        self.refused(self.client.add_permission, "ResourceConflictException", **FUNCTION, **statement)
        self.client.get_policy(**FUNCTION)
        self.refused(self.client.get_policy, "ResourceNotFoundException", **FUNCTION, Qualifier="live")
        self.client.remove_permission(**FUNCTION, StatementId="gateway")
        self.refused(self.client.remove_permission, "ResourceNotFoundException", **FUNCTION, StatementId="gateway")

    def concurrency(self):
        self.client.put_function_concurrency(**FUNCTION, ReservedConcurrentExecutions=5)
        self.refused(self.client.put_function_concurrency, "ResourceNotFoundException", **ABSENT,
                     ReservedConcurrentExecutions=5)
        self.client.get_function(**FUNCTION)
        self.client.get_function_concurrency(**FUNCTION)
        self.refused(self.client.get_function_concurrency, "ResourceNotFoundException", **ABSENT)
        self.client.delete_function_concurrency(**FUNCTION)
        self.refused(self.client.delete_function_concurrency, "ResourceNotFoundException", **ABSENT)
        self.client.get_function_concurrency(**FUNCTION)

    def parts_not_set(self):
        """What tools ask for wherever they find a function."""
        client = self.client
        client.get_function_code_signing_config(**FUNCTION)
        client.delete_function_code_signing_config(**FUNCTION)
        client.get_runtime_management_config(**FUNCTION)
        client.get_function_recursion_config(**FUNCTION)
        for operation in ("list_event_source_mappings", "list_function_event_invoke_configs",
                          "list_function_url_configs", "list_provisioned_concurrency_configs"):
            self.pages(operation, 1, **FUNCTION)
        for call in (client.get_function_url_config, client.delete_function_url_config,
                     client.get_function_event_invoke_config, client.delete_function_event_invoke_config):
            self.refused(call, "ResourceNotFoundException", **FUNCTION)
        version = {**FUNCTION, "Qualifier": "1"}
        self.refused(client.get_provisioned_concurrency_config, "ProvisionedConcurrencyConfigNotFoundException",
                     **version)
        client.delete_provisioned_concurrency_config(**version)
        for call in (client.get_function_code_signing_config, client.delete_function_code_signing_config,
                     client.get_runtime_management_config, client.get_function_recursion_config,
                     client.list_function_url_configs, client.list_provisioned_concurrency_configs):
            self.refused(call, "ResourceNotFoundException", **ABSENT)

    def deletion(self):
        self.client.delete_alias(**FUNCTION, Name="live")
        self.client.delete_function(**FUNCTION, Qualifier="2")
        for name in ("driven", "second"):
            self.client.delete_function(FunctionName=name)
        self.refused(self.client.delete_function, "ResourceNotFoundException", **ABSENT)
        iam = self.cloud.client("iam")
        iam.delete_role_policy(RoleName="driver", PolicyName="all")
        iam.delete_role(RoleName="driver")
        self.cloud.client("dynamodb").delete_table(TableName="Driver")
