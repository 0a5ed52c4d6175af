"""Reads the XML of a response in the query protocol with a model's shape."""

from read_text import scalar


def read(shape, element, path, faults):
    """The value of an element; `faults` gets what the shape does not allow."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, element, path, faults)
    if kind == "list":
        return _list(shape, element, path, faults)
    if kind == "map":
        return _map(shape, element, path, faults)
    if len(element):
        faults.append(f"{path} has elements, and is a {kind}")
        return None
    return scalar(shape, element.text or "", path, faults)


def tag(element):
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _structure(shape, element, path, faults):
    by_tag = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    value = {}
    for child in element:
        if tag(child) not in by_tag:
            faults.append(f"{path}.{tag(child)} is no member of {shape.name}")
            continue
        name = by_tag[tag(child)]
        if name in value:
            faults.append(f"{path}.{name} is there twice")
        found = read(shape.members[name], child, f"{path}.{name}", faults)
        if found is not None:
            value[name] = found
    return value


def _list(shape, element, path, faults):
    item_tag = shape.member.serialization.get("name", "member")
    items = []
    for child in element:
        if tag(child) != item_tag:
            faults.append(f"{path} has an element {tag(child)}, and its items are {item_tag}")
            continue
        items.append(read(shape.member, child, f"{path}[{len(items)}]", faults))
    return [item for item in items if item is not None]


def _map(shape, element, path, faults):
    value = {}
    for entry in element:
        inner = {tag(child): child for child in entry}
        key, item = inner.get("key"), inner.get("value")
        if tag(entry) != "entry" or key is None or item is None:
            faults.append(f"{path} has an element {tag(entry)} that is no entry with key and value")
            continue
        value[key.text or ""] = read(shape.value, item, f"{path}[{key.text!r}]", faults)
    return value
