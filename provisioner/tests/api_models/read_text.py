"""Reads single values that are text on the wire: in forms, XML, headers, paths and query strings."""

import base64

from botocore.utils import parse_timestamp

from faults import clipped


def scalar(shape, text, path, faults):
    """The value; None where the text is none of the shape's type."""
    readers = {"boolean": _boolean, "integer": int, "long": int, "float": float, "double": float,
               "blob": _blob, "timestamp": parse_timestamp}
    try:
        return readers.get(shape.type_name, str)(text)
    except ValueError:
        faults.append(f"{path} {clipped(text)} is no {shape.type_name}")
        return None


def _boolean(text):
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _blob(text):
    # Its error is a ValueError.
    return base64.b64decode(text, validate=True)
