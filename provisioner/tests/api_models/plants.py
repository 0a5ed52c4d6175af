"""Bad values of each kind, put into the recording one at a time: the check must find each."""

import dataclasses
import json

import models


def survivors(exchanges, faults_of):
    """Plants all of them, prints which were found, and returns how many were not."""
    survived = 0
    for name, operation, plant in PLANTS:
        sound = next(exchange for exchange in exchanges if exchange.status < 300
                     and models.name_of(models.operation_of(exchange)) == operation)
        new = set(faults_of(plant(sound))) - set(faults_of(sound))
        survived += not new
        print(f"{'caught' if new else 'SURVIVED':9}{name}: {min(new) if new else operation}")
    return survived


def in_json(side, change):
    """Changes the JSON of a body."""
    def plant(exchange):
        document = json.loads(getattr(exchange, side))
        change(document)
        return dataclasses.replace(exchange, **{side: json.dumps(document).encode()})
    return plant


def in_text(side, old, new):
    """Replaces text, which must be there."""
    def plant(exchange):
        body = getattr(exchange, side)
        assert old in body, f"{old} is not in {body}"
        return dataclasses.replace(exchange, **{side: body.replace(old, new)})
    return plant


def error(code):
    """Answers with an error instead."""
    def plant(exchange):
        return dataclasses.replace(exchange, status=400, answer=json.dumps({"__type": code, "message": "no"}).encode())
    return plant


PLANTS = [
    ("request, required member missing", "dynamodb:CreateTable", in_json("body", lambda d: d.pop("TableName"))),
    ("request, unknown member", "dynamodb:CreateTable", in_json("body", lambda d: d.update(Color="red"))),
    ("request, another type", "logs:PutRetentionPolicy", in_json("body", lambda d: d.update(retentionInDays="14"))),
    ("request, outside of the enum", "dynamodb:CreateTable", in_json("body", lambda d: d.update(BillingMode="FREE"))),
    ("request, against the pattern", "logs:CreateLogGroup", in_json("body", lambda d: d.update(logGroupName="a b"))),
    ("request, too long", "lambda:CreateFunction", in_json("body", lambda d: d.update(Description="x" * 257))),
    ("request, out of range", "lambda:CreateFunction", in_json("body", lambda d: d.update(MemorySize=1))),
    ("request, unknown parameter of a form", "iam:CreateRole",
     in_text("body", b"RoleName=", b"Color=red&RoleName=")),
    ("request, against the pattern in a form", "iam:CreateRole", in_text("body", b"RoleName=", b"RoleName=%21")),
    ("response, required member missing", "iam:GetRole", in_text("answer", b"Arn>", b"Name>")),
    ("response, unknown member", "lambda:CreateFunction", in_json("answer", lambda d: d.update(Color="red"))),
    ("response, another type", "lambda:GetFunction",
     in_json("answer", lambda d: d["Configuration"].update(MemorySize="128"))),
    ("response, outside of the enum", "lambda:GetFunction",
     in_json("answer", lambda d: d["Configuration"].update(State="Sleepy"))),
    ("response, against the pattern", "dynamodb:CreateTable",
     in_json("answer", lambda d: d["TableDescription"].update(TableName="a b"))),
    ("response, no result element", "iam:UpdateRole",
     in_text("answer", b"UpdateRoleResult", b"UpdateRolledResult")),
    ("response, unknown element", "iam:GetRole", in_text("answer", b"CreateDate>", b"Creation>")),
    ("response, wrong status", "lambda:CreateFunction", lambda exchange: dataclasses.replace(exchange, status=200)),
    ("error, not of this operation", "logs:CreateLogGroup", error("BackupNotFoundException")),
]
