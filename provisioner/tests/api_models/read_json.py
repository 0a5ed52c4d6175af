"""Reads JSON with a model's shape: values by the names of members, and what the shape does not allow."""

import base64
import binascii

from botocore.utils import parse_timestamp

from faults import clipped

TYPES = {
    "structure": dict, "map": dict, "list": list, "string": str, "blob": str, "boolean": bool,
    "integer": int, "long": int, "float": (int, float), "double": (int, float),
}


def read(shape, document, path, faults):
    """The value; None where the document has another type. `faults` gets what is wrong."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return {}
    if kind == "timestamp":
        return _timestamp(shape, document, path, faults)
    is_bool = isinstance(document, bool)
    if not isinstance(document, TYPES[kind]) or (is_bool and kind != "boolean"):
        faults.append(f"{path} {clipped(document)} is no {kind}")
        return None
    if kind == "structure":
        return structure(shape, document, path, faults)
    if kind == "map":
        pairs = [(key, read(shape.value, item, f"{path}[{key!r}]", faults)) for key, item in document.items()]
        return {key: item for key, item in pairs if item is not None}
    if kind == "list":
        items = [read(shape.member, item, f"{path}[{number}]", faults) for number, item in enumerate(document)]
        return [item for item in items if item is not None]
    if kind == "blob":
        return _blob(document, path, faults)
    return document


def structure(shape, document, path, faults, members=None):
    """The members of a structure. Only `members` belong to the document, if given."""
    members = shape.members if members is None else members
    by_key = {member.serialization.get("name", name): name for name, member in members.items()}
    value = {}
    for key, item in document.items():
        if key not in by_key:
            faults.append(f"{path}.{key} is no member of {shape.name}")
        # A member that is null is not set.
        elif item is not None:
            name = by_key[key]
            found = read(members[name], item, f"{path}.{name}", faults)
            if found is not None:
                value[name] = found
    return value


def _blob(document, path, faults):
    try:
        return base64.b64decode(document, validate=True)
    except binascii.Error:
        faults.append(f"{path} {clipped(document)} is no base64")
        return None


def _timestamp(shape, document, path, faults):
    """In JSON a number of seconds, unless the model names another format."""
    is_number = isinstance(document, (int, float)) and not isinstance(document, bool)
    if shape.serialization.get("timestampFormat", "unixTimestamp") == "unixTimestamp":
        well = is_number
    else:
        well = isinstance(document, str)
    try:
        return parse_timestamp(document) if well else _no_time(document, path, faults)
    except ValueError:
        return _no_time(document, path, faults)


def _no_time(document, path, faults):
    faults.append(f"{path} {clipped(document)} is no time in the model's format")
