"""Compares the newest models with members.txt: a member that nobody has decided about is a fault.

`members.py` prints the faults and a last line with counts. A section of members.txt is a structure of a service as
a request or as a response; a line in it is a decision, the members, and the reason where it is needed:

    [dynamodb request CreateTableInput]
    sent      TableName KeySchema
    ignored   TableClass: why
"""

import functools
import sys
from pathlib import Path

import botocore

import models

FILE = Path(__file__).with_name("members.txt")
# What a decision says; `ignored` has a reason, and what is below an ignored member needs no decision.
DECISIONS = {
    "request": ("sent", "ignored"),
    "response": ("compared", "used", "ignored"),
}


def main():
    faults, decided = compare(*read(FILE.read_text()))
    for fault in faults:
        print(f"fault    {fault}")
    print(f"api-models: botocore {botocore.__version__}, {decided} members decided, {len(faults)} faults")
    return 1 if faults else 0


@functools.cache
def read(text):
    """The operations, as `service:Name`, and the sections: {(service, side, shape): {member: decision}}."""
    operations, sections, section = [], {}, None
    for line in text.splitlines():
        head, _, rest = line.partition(" ")
        if line.startswith("["):
            section = sections.setdefault(tuple(line.strip("[]").split()), {})
        elif head == "operations":
            service, *names = rest.split()
            operations += [f"{service}:{name}" for name in names]
        elif line and not line.startswith("#"):
            names, _, reason = rest.partition(":")
            if head == "ignored" and not reason.strip():
                raise SystemExit(f"members.txt: no reason in `{line}`")
            section.update(dict.fromkeys(names.split(), head))
    return operations, sections


def compare(operations, sections):
    """What is in the model and not in the file, and the other way round; and the number of decisions in use."""
    faults, seen = [], set()
    for operation in operations:
        service, _, name = operation.partition(":")
        model = models.model(service).operation_model(name)
        for side, shape in (("request", model.input_shape), ("response", model.output_shape)):
            if shape is not None:
                walk(service, side, shape, sections, seen, faults)
    for key in sections.keys() - seen:
        faults.append(f"{' '.join(key)}: no operation in use has it")
    return sorted(faults), sum(len(sections.get(key, {})) for key in seen)


def walk(service, side, shape, sections, seen, faults):
    """Compares a structure, and the structures below the members that are not ignored."""
    if shape.type_name == "list":
        return walk(service, side, shape.member, sections, seen, faults)
    if shape.type_name == "map":
        return walk(service, side, shape.value, sections, seen, faults)
    key = (service, side, shape.name)
    if shape.type_name != "structure" or key in seen or not shape.members:
        return None
    seen.add(key)
    section = sections.get(key, {})
    for name, member in shape.members.items():
        decision = section.get(name)
        if decision is None:
            faults.append(f"{' '.join(key)}: {name} is not decided: {', '.join(DECISIONS[side])}?")
        elif decision not in DECISIONS[side]:
            faults.append(f"{' '.join(key)}: {name} can't be `{decision}`")
        elif decision != "ignored":
            walk(service, side, member, sections, seen, faults)
    faults += [f"{' '.join(key)}: the model has no {name}" for name in section.keys() - shape.members.keys()]
    return None


def undecided(operation, value, operations, sections):
    """Yields what a request of `provision` has though members.txt says otherwise."""
    name = models.name_of(operation)
    if name not in operations:
        yield "members.txt does not name the operation"
    elif value is not None:
        yield from _undecided(models.service_name(operation), operation.input_shape, value, sections)


def _undecided(service, shape, value, sections):
    if shape.type_name == "list":
        for item in value:
            yield from _undecided(service, shape.member, item, sections)
    elif shape.type_name == "map":
        for item in value.values():
            yield from _undecided(service, shape.value, item, sections)
    elif shape.type_name == "structure":
        section = sections.get((service, "request", shape.name), {})
        for name, item in value.items():
            if section.get(name) != "sent":
                yield f"{shape.name}.{name} is sent, and members.txt says {section.get(name)}"
            else:
                yield from _undecided(service, shape.members[name], item, sections)


if __name__ == "__main__":
    sys.exit(main())
