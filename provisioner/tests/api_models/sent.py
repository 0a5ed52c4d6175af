"""Checks a request against the model of its operation."""

import json
import urllib.parse

import constraints
import models
import read_form
import read_json
from faults import Fault
from read_text import scalar


def faults_of(operation, exchange):
    """The faults of the request, as `Fault`s."""
    found = []
    value = members(operation, exchange, found)
    if value is not None:
        found += constraints.check(operation.input_shape, value, "")
    return [Fault(models.name_of(operation), "request", text) for text in found]


def members(operation, exchange, faults):
    """The members of the request by their names, or None if the operation has none."""
    read = {"json": _json, "query": _form, "rest-json": _rest}[models.protocol(models.service_name(operation))]
    return read(operation, operation.input_shape, exchange, faults)


def _json(operation, shape, exchange, faults):
    service = operation.service_model.metadata
    wanted = f"application/x-amz-json-{service['jsonVersion']}"
    if exchange.headers.get("content-type") != wanted:
        faults.append(f"its content type is {exchange.headers.get('content-type')}, not {wanted}")
    document = _document(exchange.body, faults)
    if shape is None:
        if document:
            faults.append("it has members, and the operation has none")
        return None
    return None if document is None else read_json.structure(shape, document, "", faults)


def _form(operation, shape, exchange, faults):
    pairs = urllib.parse.parse_qsl(exchange.body.decode(), keep_blank_values=True, strict_parsing=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        faults.append("a parameter is there twice")
    form.pop("Action")
    version = form.pop("Version", None)
    if version != operation.service_model.api_version:
        faults.append(f"its version is {version}, not {operation.service_model.api_version}")
    if shape is None:
        faults.extend(f"it has {name}, and the operation has no members" for name in form)
        return None
    return read_form.read(shape, form, "", faults)


def _rest(operation, shape, exchange, faults):
    path, _, query = exchange.target.partition("?")
    if shape is None:
        return None
    value = {}
    labels = models.path_pattern(operation).fullmatch(path).groupdict()
    by_label = {member.serialization.get("name", name): name
                for name, member in shape.members.items() if _location(member) == "uri"}
    for label, text in labels.items():
        name = by_label[label]
        value[name] = scalar(shape.members[name], urllib.parse.unquote(text), f".{name}", faults)
    query = [pair for pair in query.split("&") if pair not in models.fixed_query(operation)]
    value |= _query(shape, "&".join(query), faults)
    value |= _headers(shape, exchange, faults)
    value |= _body(shape, exchange, faults)
    return {name: item for name, item in value.items() if item is not None}


def _location(member):
    return member.serialization.get("location")


def _query(shape, query, faults):
    by_key = {member.serialization.get("name", name): name
              for name, member in shape.members.items() if _location(member) == "querystring"}
    value = {}
    for key, text in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if key not in by_key:
            faults.append(f"the parameter {key} is no member of {shape.name}")
            continue
        name = by_key[key]
        member = shape.members[name]
        if member.type_name == "list":
            value.setdefault(name, []).append(scalar(member.member, text, f".{name}", faults))
        else:
            value[name] = scalar(member, text, f".{name}", faults)
    return value


def _headers(shape, exchange, faults):
    value = {}
    for name, member in shape.members.items():
        key = member.serialization.get("name", name).lower()
        if _location(member) == "header" and key in exchange.headers:
            value[name] = scalar(member, exchange.headers[key], f".{name}", faults)
    return value


def _body(shape, exchange, faults):
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "blob":
        return {payload: exchange.body} if exchange.body else {}
    document = _document(exchange.body, faults) or {}
    if payload:
        return {payload: read_json.read(shape.members[payload], document, f".{payload}", faults)}
    members = {name: member for name, member in shape.members.items() if _location(member) is None}
    return read_json.structure(shape, document, "", faults, members)


def _document(body, faults):
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError:
        faults.append("its body is no JSON")
        return None
    if not isinstance(document, dict):
        faults.append("its body is no JSON object")
        return None
    return document
