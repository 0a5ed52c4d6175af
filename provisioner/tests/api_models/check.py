"""Checks requests of `provision` and responses of the local cloud against AWS's own API models.

`check.py PROVISION ARTIFACT` runs the life cycle of the stack and every operation that the local cloud has
through a recording proxy, and checks what was recorded. With `--plant` it then puts a bad value of each kind
into the recording, which the check must find. `members.py` is the second part.
"""

import argparse
import sys
import tempfile
from collections import Counter

from botocore.credentials import Credentials

import coverage
import deviations
import members
import models
import offered
import plants
import received
import sent
import unchecked
from cloud import Cloud
from drive_dynamodb import DynamoDb
from drive_iam import Iam
from drive_lambda import Lambda
from drive_logs import Logs
from drive_sts import Sts
from faults import Fault
from life_cycle import LifeCycle

DRIVERS = [DynamoDb, Iam, Sts, Lambda, Logs]
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


def main():
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("provision", help="the binary")
    arguments.add_argument("artifact", help="the function's zip file")
    arguments.add_argument("--plant", action="store_true", help="plant bad values, which must be found")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(given.provision, folder)
        try:
            faults, operations = run(cloud, given.artifact)
        finally:
            cloud.close()
    exchanges = cloud.recorder.exchanges
    faults += [fault for exchange in exchanges for fault in faults_of(exchange)]
    used = {pattern for fault in faults if (pattern := deviations.of_response(fault))}
    faults = Counter(fault for fault in faults if not deviations.of_response(fault))
    faults.update(Fault("deviations", "coverage", f"{pattern} matches nothing any more")
                  for pattern in deviations.RESPONSES.keys() - used)
    for fault, count in sorted(faults.items()):
        print(f"fault    {fault} ({count} times)" if count > 1 else f"fault    {fault}")
    survived = plants.survivors(exchanges, faults_of) if given.plant else 0
    answers = Counter("errors" if exchange.status >= 300 else "answers" for exchange in exchanges)
    print(f"api-models: {len(operations)} operations, {len(exchanges)} requests, {answers['answers']} answers "
          f"and {answers['errors']} errors checked, {len(faults)} faults")
    return 1 if faults or survived else 0


def run(cloud, artifact):
    """Drives the local cloud. Returns the faults that show while it runs, and the operations that it has."""
    cloud.recorder.phase = "offered"
    operations = offered.find(cloud)
    cloud.recorder.phase = "operations"
    drivers = [driver(cloud, artifact) for driver in DRIVERS]
    for driver in drivers:
        driver.run()
    cloud.recorder.phase = "denied"
    deny_all(cloud, operations)
    cloud.recorder.phase = "life cycle"
    life_cycle = LifeCycle(cloud, artifact)
    life_cycle.run()
    faults = [fault for steps in [*drivers, life_cycle] for fault in steps.faults]
    return faults + list(coverage.faults(cloud, operations, drivers)), operations


def deny_all(cloud, operations):
    """Sends each operation by a caller who may do nothing."""
    keys = cloud.client("sts").get_federation_token(Name="nobody", Policy=DENY)["Credentials"]
    nobody = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    for operation in operations:
        unchecked.send(cloud, operation, offered.labels(operation), nobody)


def faults_of(exchange):
    operation = models.operation_of(exchange)
    if operation is None:
        return [Fault("unknown", "request", f"{exchange.method} {exchange.target} is in no model")]
    # The local cloud does not have it.
    if exchange.status == 501:
        return []
    faults = received.faults_of(operation, exchange)
    # Requests that break the model are sent on purpose, and must be refused.
    if exchange.phase == "life cycle" or exchange.status < 300:
        faults += sent.faults_of(operation, exchange)
    if exchange.phase == "life cycle" and "aws-sdk-rust" in exchange.headers.get("user-agent", ""):
        faults += undecided(operation, exchange)
    return faults


def undecided(operation, exchange):
    """What a request of `provision` has though members.txt says otherwise."""
    decisions = members.read(members.FILE.read_text())
    texts = members.undecided(operation, sent.members(operation, exchange, []), *decisions)
    return [Fault(models.name_of(operation), "request", text) for text in texts]


if __name__ == "__main__":
    sys.exit(main())
