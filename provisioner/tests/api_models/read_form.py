"""Reads the form of a request in the query protocol with a model's shape.

`Tags.member.1.Key=team` is the member `Key` of the first item of the list `Tags`.
"""

from read_text import scalar


def read(shape, form, path, faults):
    """The members of the input; `faults` gets what the shape does not allow, unknown parameters too."""
    tree = {}
    for name, text in form.items():
        node = tree
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[""] = text
    return _read(shape, tree, path, faults)


def _read(shape, node, path, faults):
    if shape.type_name == "structure":
        return _structure(shape, node, path, faults)
    if shape.type_name == "list":
        return _list(shape, node, path, faults)
    if shape.type_name == "map":
        faults.append(f"{path}: no operation in use has a map in a form")
        return {}
    return scalar(shape, node.get("", ""), path, faults)


def _structure(shape, node, path, faults):
    by_key = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    value = {}
    for key, inner in node.items():
        if key not in by_key:
            faults.append(f"{path}.{key} is no member of {shape.name}")
        else:
            name = by_key[key]
            value[name] = _read(shape.members[name], inner, f"{path}.{name}", faults)
    return {name: item for name, item in value.items() if item is not None}


def _list(shape, node, path, faults):
    # An empty list is `Tags=`.
    if node.get("") == "" and len(node) == 1:
        return []
    if not shape.serialization.get("flattened"):
        node = node.get(shape.member.serialization.get("name", "member"), {})
    if {str(number + 1) for number in range(len(node))} != set(node):
        faults.append(f"{path} is numbered {', '.join(node)}")
    items = [_read(shape.member, inner, f"{path}[{key}]", faults) for key, inner in node.items()]
    return [item for item in items if item is not None]
