"""Steps of a run: an unexpected end of one is a fault, and the next one runs nevertheless."""

import json

from botocore.exceptions import ClientError

from cloud import ACCOUNT, REGION
from faults import Fault

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole",
     "Principal": {"Service": "lambda.amazonaws.com", "AWS": f"arn:aws:iam::{ACCOUNT}:root"}}]})
SCAN = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": "*"}]})
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


class Steps:
    def __init__(self, cloud):
        self.cloud = cloud
        self.faults = []

    def attempt(self, step):
        try:
            step()
        except Exception as error:  # Parsers of boto3 end with any exception.
            self.faults.append(Fault("boto3", "run", f"{type(self).__name__}.{step.__name__}: {error!r}"))


class Driver(Steps):
    """Calls the operations of one service with boto3, with its waiters and paginators."""

    service = ""

    def __init__(self, cloud, artifact):
        super().__init__(cloud)
        self.artifact = artifact
        self.client = cloud.client(self.service)
        self.driven = set()  # waiters and paginators

    def run(self):
        for step in self.steps():
            self.attempt(step)

    def steps(self):
        """The methods that call operations, in their order."""
        raise NotImplementedError

    def refused(self, call, code, **members):
        """Calls an operation that must be answered with the error `code`."""
        try:
            call(**members)
        except ClientError as error:
            if error.response["Error"]["Code"] != code:
                raise
        else:
            raise AssertionError(f"{call.__name__}{members} is not refused with {code}")

    def wait(self, name, **members):
        self.driven.add(name)
        self.client.get_waiter(name).wait(WaiterConfig={"Delay": 1, "MaxAttempts": 60}, **members)

    def pages(self, operation, least, **members):
        """Reads an operation page by page, one item each, and expects at least so many pages."""
        self.driven.add(operation)
        pages = list(self.client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1}, **members))
        if len(pages) < least:
            raise AssertionError(f"{operation} has {len(pages)} pages, not {least}")


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
