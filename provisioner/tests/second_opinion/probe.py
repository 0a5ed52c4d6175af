"""Asks an endpoint what AWS is known to answer, one probe a line: `probe.py URL`, with credentials
in the environment. Needs boto3. docs/second-opinions.md tells what came of it."""

import io
import json
import sys
import time
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = sys.argv[1]
ONCE = Config(retries={"total_max_attempts": 1})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]})
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}]})


def client(service):
    return boto3.client(service, endpoint_url=URL, region_name="us-east-1", config=ONCE)


dynamodb, iam, lambda_, logs = map(client, ["dynamodb", "iam", "lambda", "logs"])


def told(call, **arguments):
    """`200`, or the code and the beginning of the message."""
    try:
        call(**arguments)
        return "200"
    except ClientError as error:
        found = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{status} {found['Code']}: {found['Message'][:90]}"


def probe(what, told):
    print(f"{what:48}  {told}", flush=True)


def until(ready):
    for _ in range(100):
        if ready():
            return
        time.sleep(0.1)
    sys.exit("it never gets ready")


def table():
    probe("DescribeTable, absent", told(dynamodb.describe_table, TableName="Probe"))
    probe("DescribeTimeToLive, absent", told(dynamodb.describe_time_to_live, TableName="Probe"))
    probe("DescribeContinuousBackups, absent",
          told(dynamodb.describe_continuous_backups, TableName="Probe"))
    made = dict(TableName="Probe", BillingMode="PAY_PER_REQUEST", DeletionProtectionEnabled=True,
                AttributeDefinitions=[{"AttributeName": "RideId", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "RideId", "KeyType": "HASH"}])
    answer = dynamodb.create_table(**made)["TableDescription"]
    probe("CreateTable answers with status", answer["TableStatus"])
    until(lambda: dynamodb.describe_table(TableName="Probe")["Table"]["TableStatus"] == "ACTIVE")
    found = dynamodb.describe_table(TableName="Probe")["Table"]
    probe("DescribeTable shows the protection", found.get("DeletionProtectionEnabled"))
    probe("DescribeTable shows a warm throughput", "WarmThroughput" in found)
    probe("CreateTable, existing", told(dynamodb.create_table, **made))
    probe("DeleteTable, protected", told(dynamodb.delete_table, TableName="Probe"))
    same = dict(TableName="Probe", BillingMode="PAY_PER_REQUEST")
    probe("UpdateTable, on demand already", told(dynamodb.update_table, **same))
    dynamodb.update_table(TableName="Probe", DeletionProtectionEnabled=False)
    two = dict(TableName="Probe", DeletionProtectionEnabled=True, TableClass="STANDARD")
    probe("UpdateTable, two changes at once", told(dynamodb.update_table, **two))
    dynamodb.update_table(TableName="Probe", DeletionProtectionEnabled=False)
    probe("DeleteTable", told(dynamodb.delete_table, TableName="Probe"))


def role():
    probe("GetRole, absent", told(iam.get_role, RoleName="Probe"))
    short = dict(RoleName="Probe", AssumeRolePolicyDocument=TRUST,
                 Tags=[{"Key": "team", "Value": "a"}, {"Key": "TEAM", "Value": "b"}])
    probe("CreateRole, tag keys that differ in case", told(iam.create_role, **short))
    if "200" == told(iam.get_role, RoleName="Probe"):
        iam.delete_role(RoleName="Probe")
    iam.create_role(RoleName="Probe", AssumeRolePolicyDocument=TRUST)
    again = dict(RoleName="probe", AssumeRolePolicyDocument=TRUST)
    probe("CreateRole, existing but for its case", told(iam.create_role, **again))
    bad = dict(RoleName="Probe", PolicyName="P", PolicyDocument="{")
    probe("PutRolePolicy, no JSON", told(iam.put_role_policy, **bad))
    iam.put_role_policy(RoleName="Probe", PolicyName="P", PolicyDocument=POLICY)
    probe("DeleteRole, with a policy", told(iam.delete_role, RoleName="Probe"))
    probe("DeleteRolePolicy, absent",
          told(iam.delete_role_policy, RoleName="Probe", PolicyName="Q"))


def function():
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("bootstrap", "#!/bin/sh\n")
    arn = iam.get_role(RoleName="Probe")["Role"]["Arn"]
    made = dict(FunctionName="Probe", Runtime="provided.al2023", Handler="bootstrap", Role=arn,
                Code={"ZipFile": zipped.getvalue()})
    probe("GetFunction, absent", told(lambda_.get_function, FunctionName="Probe"))
    probe("CreateFunction, no such role",
          told(lambda_.create_function, **{**made, "Role": arn + "X"}))
    probe("CreateFunction, no zip",
          told(lambda_.create_function, **{**made, "Code": {"ZipFile": b"no zip"}}))
    if told(lambda_.get_function, FunctionName="Probe") == "200":
        lambda_.delete_function(FunctionName="Probe")
    answer = lambda_.create_function(**made)
    probe("CreateFunction answers with state", answer.get("State"))
    probe("CreateFunction, existing", told(lambda_.create_function, **made))
    stale = dict(FunctionName="Probe", MemorySize=256, RevisionId="0" * 36)
    probe("UpdateFunctionConfiguration, stale RevisionId",
          told(lambda_.update_function_configuration, **stale))
    first = lambda_.publish_version(FunctionName="Probe")["Version"]
    second = lambda_.publish_version(FunctionName="Probe")["Version"]
    probe("PublishVersion, nothing changed", "the same" if first == second else "another one")
    alias = dict(FunctionName="Probe", Name="live", FunctionVersion=first)
    lambda_.create_alias(**alias)
    probe("CreateAlias, existing", told(lambda_.create_alias, **alias))
    probe("UpdateAlias, stale RevisionId",
          told(lambda_.update_alias, **alias, RevisionId="0" * 36))
    probe("DeleteFunction, a version with an alias",
          told(lambda_.delete_function, FunctionName="Probe", Qualifier=first))
    told(lambda_.delete_function, FunctionName="Probe")
    probe("DeleteFunction, absent", told(lambda_.delete_function, FunctionName="Probe"))
    iam.delete_role_policy(RoleName="Probe", PolicyName="P")
    iam.delete_role(RoleName="Probe")


def log_group():
    logs.create_log_group(logGroupName="/probe")
    probe("CreateLogGroup, existing", told(logs.create_log_group, logGroupName="/probe"))
    bad = dict(logGroupName="/probe", retentionInDays=15)
    probe("PutRetentionPolicy, 15 days", told(logs.put_retention_policy, **bad))
    logs.delete_log_group(logGroupName="/probe")
    probe("DeleteLogGroup, absent", told(logs.delete_log_group, logGroupName="/probe"))


table()
role()
function()
log_group()
