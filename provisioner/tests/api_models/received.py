"""Checks a response against the model of its operation."""

import json
import xml.etree.ElementTree as ElementTree

from botocore.parsers import ResponseParserError, create_parser

import constraints
import deviations
import models
import read_json
import read_xml
from faults import Fault, clipped
from read_text import scalar


def faults_of(operation, exchange):
    """The faults of the response, as `Fault`s."""
    if exchange.status < 300:
        found, side = _success(operation, exchange), "response"
    else:
        found, side = _error(operation, exchange), "error"
    return [Fault(models.name_of(operation), side, text) for text in found]


def _parsed(operation, exchange):
    answer = {"status_code": exchange.status, "headers": exchange.answer_headers, "body": exchange.answer,
              "context": {"operation_name": operation.name}}
    parser = create_parser(models.protocol(models.service_name(operation)))
    return parser.parse(answer, operation.output_shape)


def _success(operation, exchange):
    faults = _framed(operation, exchange)
    wanted = operation.http.get("responseCode", 200)
    shape = operation.output_shape
    is_member = shape and any(m.serialization.get("location") == "statusCode" for m in shape.members.values())
    if exchange.status != wanted and not is_member:
        faults.append(f"its status is {exchange.status}, not {wanted}")
    read = {"json": _json, "query": _xml, "rest-json": _rest}[models.protocol(models.service_name(operation))]
    try:
        value = read(operation, shape, exchange, faults)
    except (ValueError, ElementTree.ParseError) as error:
        return faults + [f"its body can't be read: {error}"]
    if shape is not None and value is not None:
        faults += constraints.check(shape, value, "")
    try:
        _parsed(operation, exchange)
    except (ResponseParserError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        faults.append(f"botocore's parser ends with {error!r}")
    return faults


def _framed(operation, exchange):
    """The faults of what every response has: an id, and the content type of its protocol."""
    faults = []
    headers = exchange.answer_headers
    if "x-amzn-requestid" not in headers:
        faults.append("it has no x-amzn-RequestId")
    protocol = models.protocol(models.service_name(operation))
    wanted = {"json": f"application/x-amz-json-{operation.service_model.metadata.get('jsonVersion')}",
              "query": "text/xml", "rest-json": "application/json"}[protocol]
    found = headers.get("content-type")
    if found != wanted and exchange.answer:
        faults.append(f"its content type is {found}, not {wanted}")
    return faults


def _json(_operation, shape, exchange, faults):
    document = json.loads(exchange.answer or b"{}")
    if shape is None:
        if document:
            faults.append(f"it has {clipped(document)}, and the operation has no output")
        return None
    return read_json.read(shape, document, "", faults)


def _xml(operation, shape, exchange, faults):
    root = ElementTree.fromstring(exchange.answer)
    if root.tag != f"{{{operation.service_model.metadata['xmlNamespace']}}}{operation.name}Response":
        faults.append(f"its root is {root.tag}")
    children = {read_xml.tag(child): child for child in root}
    if children.pop("ResponseMetadata", None) is None:
        faults.append("it has no ResponseMetadata")
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    result = children.pop(wrapper, None)
    faults += [f"it has the element {name}" for name in children]
    if wrapper is None:
        return None
    if result is None:
        faults.append(f"it has no {wrapper}")
        return None
    return read_xml.read(shape, result, "", faults)


def _rest(_operation, shape, exchange, faults):
    if shape is None:
        if exchange.answer:
            faults.append("it has a body, and the operation has no output")
        return None
    value = {}
    body = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        key = member.serialization.get("name", name).lower()
        if location == "statusCode":
            value[name] = exchange.status
        elif location == "header" and key in exchange.answer_headers:
            value[name] = scalar(member, exchange.answer_headers[key], f".{name}", faults)
        elif location is None:
            body[name] = member
    payload = shape.serialization.get("payload")
    if payload:
        return value | {payload: exchange.answer}
    document = json.loads(exchange.answer or b"{}")
    return value | read_json.structure(shape, document, "", faults, body)


def _error(operation, exchange):
    """An error is one of the operation's in the model, or one of those that every operation may have."""
    faults = _framed(operation, exchange)
    try:
        parsed = _parsed(operation, exchange)
        code, message = parsed["Error"]["Code"], parsed["Error"].get("Message")
    except (ResponseParserError, ValueError, KeyError, TypeError) as error:
        return faults + [f"botocore's parser ends with {error!r}"]
    if not message:
        faults.append(f"{code} has no message")
    shape = _error_shape(operation, code)
    if shape is None:
        if not deviations.of_error(models.name_of(operation), code):
            faults.append(f"{code} is no error of this operation: {clipped(message or '', 120)}")
        return faults
    wanted = shape.metadata.get("error", {}).get("httpStatusCode")
    if wanted and exchange.status != wanted:
        faults.append(f"{code} has the status {exchange.status}, not {wanted}")
    return faults + _error_members(operation, shape, exchange)


def _error_shape(operation, code):
    for shape in operation.error_shapes:
        if code in (shape.metadata.get("error", {}).get("code"), shape.name):
            return shape
    return None


def _error_members(operation, shape, exchange):
    if models.protocol(models.service_name(operation)) == "query":
        # `Error` has Type, Code and Message only, whatever the shape says.
        error = next(iter(ElementTree.fromstring(exchange.answer)))
        extra = {read_xml.tag(child) for child in error} - {"Type", "Code", "Message"}
        return [f"its Error has the element {name}" for name in sorted(extra)]
    faults = []
    document = json.loads(exchange.answer)
    # The text is `message` or `Message`, whichever the model says, and often both.
    for key in ("__type", "message", "Message"):
        document.pop(key, None)
    members = {name: member for name, member in shape.members.items()
               if name.lower() != "message" and member.serialization.get("location") is None}
    value = read_json.structure(shape, document, "", faults, members)
    for name, item in value.items():
        faults += constraints.check(members[name], item, f".{name}")
    return faults
