"""What AWS answers though its own models say otherwise, each with its reason."""

import re

# Pattern of a fault's line, and why it is none.
RESPONSES = {
    r"dynamodb:\w+ response: .*NumberOfDecreasesToday is 0, below 1":
        "the model says PositiveLongObject, and AWS answers 0 for a table that was never decreased",
    r"dynamodb:DescribeBackup response: .*ProvisionedThroughput.(Read|Write)CapacityUnits is 0, below 1":
        "the capacity of an on-demand table is 0",
    r"dynamodb:Batch(Get|Write)Item response: .Unprocessed(Keys|Items) has 0 entries, fewer than 1":
        "an empty map if everything was processed",
    r"dynamodb:(ListBackups|DescribeBackup) response: .*BackupName .*\$DeletedTableBackup does not match .*":
        "the documented name of the backup that the deletion of a table leaves",
    r"iam:GetRole response: .*PermissionsBoundaryType Policy is none of PermissionsBoundaryPolicy":
        "AWS's documentation: this data type can only have a value of `Policy`",
    r"lambda:GetFunctionCodeSigningConfig response: .(CodeSigningConfigArn|FunctionName) is required and missing":
        "an empty answer for a function without code signing, which Terraform's provider reads",
    r"lambda:UpdateFunction(Code|Configuration) response: .LastUpdateStatusReasonCode Creating is none of .*":
        "recorded from AWS: the reason of an update in progress reads `The function is being created.`",
    r"logs:ListTags(ForResource|LogGroup) response: .tags has 0 entries, fewer than 1":
        "a group without tags has an empty map",
}

COMMON = "AWS's documentation lists it under Common Errors"
SIGNATURE = "what is wrong with the signature or the key, before the operation is looked at"
QUERY_ERRORS = {
    "AccessDenied": COMMON,
    "ValidationError": COMMON,
    "InvalidClientTokenId": SIGNATURE,
    "SignatureDoesNotMatch": SIGNATURE,
}
JSON_ERRORS = {
    "AccessDeniedException": COMMON,
    "ValidationException": COMMON,
    "UnrecognizedClientException": SIGNATURE,
    "InvalidSignatureException": SIGNATURE,
}

# Codes of errors that the model of an operation does not list.
ERRORS = {"dynamodb": JSON_ERRORS, "iam": QUERY_ERRORS, "sts": QUERY_ERRORS, "lambda": JSON_ERRORS,
          "logs": JSON_ERRORS}
VALIDATION = "members are validated before the operation, whose model lists only its own errors"
ERRORS_OF_OPERATIONS = {
    ("logs:ListTagsLogGroup", "InvalidParameterException"): VALIDATION,
    ("logs:UntagLogGroup", "InvalidParameterException"): VALIDATION,
}

# Operations that the local cloud can only refuse.
NOT_SET = "the local cloud has none, and AWS answers 404 where none is set"
ALWAYS_REFUSED = {
    "lambda:GetFunctionUrlConfig": NOT_SET,
    "lambda:DeleteFunctionUrlConfig": NOT_SET,
    "lambda:GetFunctionEventInvokeConfig": NOT_SET,
    "lambda:DeleteFunctionEventInvokeConfig": NOT_SET,
    "lambda:GetProvisionedConcurrencyConfig": NOT_SET,
    "dynamodb:DeleteBackup": "the local cloud has system backups only, which AWS does not delete on request either",
}


def of_error(operation, code):
    """Why an operation such as `iam:GetRole` may answer this error, or None."""
    service = operation.partition(":")[0]
    return ERRORS_OF_OPERATIONS.get((operation, code)) or ERRORS[service].get(code)


def of_response(fault):
    """The pattern in `RESPONSES` that the fault matches, or None."""
    return next((pattern for pattern in RESPONSES if re.fullmatch(pattern, str(fault))), None)
