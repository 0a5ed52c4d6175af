"""Finds the operations that the local cloud has: it answers 501 to all others."""

import models
import unchecked


def find(cloud):
    """The operations of all five services that are not answered with 501, each sent without any member."""
    return [operation for service in models.SERVICES for operation in models.operations(service)
            if unchecked.send(cloud, operation, labels(operation)) != 501]


def labels(operation):
    """Members without which a path can't be built."""
    shape = operation.input_shape
    members = shape.members.items() if shape else []
    return {name: "Absent" for name, member in members if member.serialization.get("location") == "uri"}
