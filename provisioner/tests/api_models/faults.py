"""A fault, and how its values are shown."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    operation: str  # `dynamodb:CreateTable`
    side: str  # `request`, `response`, `error`, `run` or `coverage`
    text: str

    def __str__(self):
        return f"{self.operation} {self.side}: {self.text}"


def clipped(value, longest=80):
    """A value short enough for a line."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
