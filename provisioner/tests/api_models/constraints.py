"""What a model says about values beside their types: required members, patterns, lengths, ranges, enums."""

import regex

from faults import clipped

# Patterns that mean something else than what they say.
UNICODE = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"
REPLACED = {
    # Surrogates, which Java's strings consist of: all characters from U+0020, and three blanks.
    UNICODE: r"[\u0020-\U0010FFFF\r\n\t]*",
    # `\w-_` is no range.
    r"[\w-_]*": r"[\w\-_]*",
}


def check(shape, value, path):
    """Yields the faults of a value that was read with the shape."""
    kind = shape.type_name
    if kind == "structure":
        yield from _structure(shape, value, path)
    elif kind == "list":
        yield from _size(shape, len(value), path, "items")
        for number, item in enumerate(value):
            yield from check(shape.member, item, f"{path}[{number}]")
    elif kind == "map":
        yield from _size(shape, len(value), path, "entries")
        for key, item in value.items():
            yield from check(shape.key, key, f"{path} key {key!r}")
            yield from check(shape.value, item, f"{path}[{key!r}]")
    elif kind == "string":
        yield from _string(shape, value, path)
    elif kind == "blob":
        yield from _size(shape, len(value), path, "bytes")
    elif kind in ("integer", "long", "float", "double"):
        yield from _size(shape, value, path, "")


def _structure(shape, value, path):
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name} is required and missing"
    if shape.metadata.get("union") and len(value) != 1:
        yield f"{path} has {len(value)} members, and is a union, of which one must be set"
    for name, item in value.items():
        yield from check(shape.members[name], item, f"{path}.{name}")


def _string(shape, value, path):
    yield from _size(shape, len(value), path, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.fullmatch(REPLACED.get(pattern, pattern), value):
        yield f"{path} {clipped(value)} does not match {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"{path} {clipped(value)} is none of {clipped(', '.join(shape.enum))}"


def _size(shape, size, path, unit):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{path} has {size} {unit}, fewer than {least}" if unit else f"{path} is {size}, below {least}"
    if most is not None and size > most:
        yield f"{path} has {size} {unit}, more than {most}" if unit else f"{path} is {size}, above {most}"
