"""AWS's models of the five services, from botocore, and the operation that a request stands for."""

import functools
import re
import urllib.parse

import botocore.session

SERVICES = ["dynamodb", "iam", "sts", "lambda", "logs"]


@functools.cache
def model(service):
    """The model of a service."""
    return botocore.session.get_session().get_service_model(service)


def operations(service):
    return [model(service).operation_model(name) for name in model(service).operation_names]


def operation_of(exchange):
    """The operation, or None for a request that is none of any model."""
    service = _service(exchange)
    if service is None:
        return None
    name = {"json": _by_target, "query": _by_action, "rest-json": _by_path}[protocol(service)](service, exchange)
    return model(service).operation_model(name) if name in model(service).operation_names else None


def protocol(service):
    return model(service).metadata["protocol"]


def service_name(operation):
    """The name that botocore's clients and credential scopes have for the service."""
    return operation.service_model.service_name


def _service(exchange):
    """The service in the scope of the signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`."""
    scope = re.search(r"Credential=[^,]*/([a-z-]+)/aws4_request", exchange.headers.get("authorization", ""))
    return scope[1] if scope and scope[1] in SERVICES else None


def _by_target(_service, exchange):
    return exchange.headers.get("x-amz-target", "").rpartition(".")[2]


def _by_action(_service, exchange):
    return urllib.parse.parse_qs(exchange.body.decode()).get("Action", [""])[0]


def _by_path(service, exchange):
    """The operation of a path. Of two with the same path, one has a query that tells them apart: `?List=ALL`."""
    path, _, query = exchange.target.partition("?")
    found = [operation for operation in operations(service) if operation.http["method"] == exchange.method
             and path_pattern(operation).fullmatch(path) and fixed_query(operation) <= set(query.split("&"))]
    return max(found, key=lambda operation: len(fixed_query(operation))).name if found else None


def fixed_query(operation):
    """The parameters that each request of a REST operation has: {"List=ALL"}, or none."""
    return set(filter(None, operation.http["requestUri"].partition("?")[2].split("&")))


def path_pattern(operation):
    """A pattern for the path of a REST operation, with a group for each member in it."""
    template = operation.http["requestUri"].partition("?")[0].rstrip("/")
    parts = re.split(r"{(\w+\+?)}", template)
    pattern = re.escape(parts[0])
    for name, text in zip(parts[1::2], parts[2::2]):
        value = ".+" if name.endswith("+") else "[^/]+"
        pattern += f"(?P<{name.rstrip('+')}>{value}){re.escape(text)}"
    return re.compile(pattern + "/?")


def name_of(operation):
    """Service and name: `dynamodb:CreateTable`."""
    return f"{service_name(operation)}:{operation.name}"
