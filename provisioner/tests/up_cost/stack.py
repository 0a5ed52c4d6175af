"""The stack of `provision up`, as a careful script with boto3 deploys it: `stack.py up ZIP`, `stack.py down`. It takes
no test ride, and nothing that was changed by others is found but the code."""

import base64
import hashlib
import json
import sys
import time

import boto3
from botocore.exceptions import ClientError

TABLE, ROLE, FUNCTION = "Rides", "WildRydesLambda", "RequestUnicorn"
GROUP = f"/aws/lambda/{FUNCTION}"
TAGS = {"stack": "wild-rydes"}
OFTEN = {"Delay": 1, "MaxAttempts": 300}
TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}

session = boto3.Session()
dynamodb, iam, lambda_, logs = map(session.client, ["dynamodb", "iam", "lambda", "logs"])


def unless(code, call, **arguments):
    """The answer, or None if it is this error."""
    try:
        return call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return None


def policy(action, resource):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": action, "Resource": resource}]})


def up_table():
    unless("ResourceInUseException", dynamodb.create_table, TableName=TABLE, BillingMode="PAY_PER_REQUEST",
           AttributeDefinitions=[{"AttributeName": "RideId", "AttributeType": "S"}],
           KeySchema=[{"AttributeName": "RideId", "KeyType": "HASH"}],
           Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()])
    return dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"]


def up_role(table):
    unless("EntityAlreadyExists", iam.create_role, RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST),
           Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()])
    logs_of = table.replace(":dynamodb:", ":logs:").split(":table/")[0] + f":log-group:{GROUP}:*"
    for name, document in [
        ("DynamoDBWriteAccess", policy("dynamodb:PutItem", table)),
        ("WriteLogs", policy(["logs:CreateLogStream", "logs:PutLogEvents"], logs_of)),
    ]:
        iam.put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=document)
    return iam.get_role(RoleName=ROLE)["Role"]["Arn"]


def up_group():
    unless("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=GROUP, tags=TAGS)
    logs.put_retention_policy(logGroupName=GROUP, retentionInDays=14)


def create_function(role, zip_file):
    while True:
        try:
            return lambda_.create_function(
                FunctionName=FUNCTION, Role=role, Runtime="provided.al2023", Handler="bootstrap",
                Code={"ZipFile": zip_file}, Timeout=10, Environment={"Variables": {"TABLE_NAME": TABLE}}, Tags=TAGS)
        except ClientError as error:
            # The role is too new to be assumed.
            if error.response["Error"]["Code"] != "InvalidParameterValueException":
                raise
            time.sleep(1)


def up_function(role, zip_file):
    """The version to serve, or None if nothing has changed."""
    found = unless("ResourceNotFoundException", lambda_.get_function, FunctionName=FUNCTION)
    digest = base64.b64encode(hashlib.sha256(zip_file).digest()).decode()
    if found is None:
        create_function(role, zip_file)
        lambda_.get_waiter("function_active_v2").wait(FunctionName=FUNCTION, WaiterConfig=OFTEN)
    elif found["Configuration"]["CodeSha256"] == digest:
        return None
    else:
        lambda_.update_function_code(FunctionName=FUNCTION, ZipFile=zip_file)
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=FUNCTION, WaiterConfig=OFTEN)
    return lambda_.publish_version(FunctionName=FUNCTION)["Version"]


def up(zip_file):
    table = up_table()
    role = up_role(table)
    up_group()
    version = up_function(role, zip_file)
    dynamodb.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig=OFTEN)
    if version is None:
        return
    alias = dict(FunctionName=FUNCTION, Name="live", FunctionVersion=version)
    if unless("ResourceNotFoundException", lambda_.update_alias, **alias) is None:
        lambda_.create_alias(**alias)


def down():
    unless("ResourceNotFoundException", lambda_.delete_function, FunctionName=FUNCTION)
    unless("ResourceNotFoundException", logs.delete_log_group, logGroupName=GROUP)
    for name in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=name)
    iam.delete_role(RoleName=ROLE)
    dynamodb.delete_table(TableName=TABLE)
    dynamodb.get_waiter("table_not_exists").wait(TableName=TABLE, WaiterConfig=OFTEN)


if sys.argv[1] == "up":
    with open(sys.argv[2], "rb") as file:
        up(file.read())
else:
    down()
