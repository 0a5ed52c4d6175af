"""Drives the operations of CloudWatch Logs."""

import time

from steps import Driver, arn

GROUP = {"logGroupName": "/driver/first"}
ABSENT = {"logGroupName": "/absent"}
NOT_FOUND = "ResourceNotFoundException"


class Logs(Driver):
    service = "logs"

    def steps(self):
        return [self.groups, self.retention, self.account_policies, self.protection, self.tags, self.older_tags,
                self.streams, self.events, self.deletion]

    def groups(self):
        for name in ("/driver/first", "/driver/second"):
            self.client.create_log_group(logGroupName=name, tags={"team": "blue"})
        self.refused(self.client.create_log_group, "ResourceAlreadyExistsException", **GROUP)
        self.pages("describe_log_groups", 2, logGroupNamePrefix="/driver/")
        self.refused(self.client.describe_log_groups, "InvalidParameterException", logGroupNamePrefix="/d",
                     logGroupNamePattern="driver")

    def retention(self):
        self.client.put_retention_policy(**GROUP, retentionInDays=14)
        self.refused(self.client.put_retention_policy, NOT_FOUND, **ABSENT, retentionInDays=14)
        self.client.describe_log_groups(logGroupNamePrefix="/driver/")
        self.client.delete_retention_policy(**GROUP)
        self.refused(self.client.delete_retention_policy, NOT_FOUND, **ABSENT)

    def account_policies(self):
        policy = {"policyName": "driven", "policyType": "RETENTION_POLICY"}
        document = '{"retentionInDays":30,"enforcementMode":"RETROACTIVE"}'
        self.client.put_account_policy(**policy, policyDocument=document)
        self.client.describe_log_groups(logGroupNamePrefix="/driver/")
        self.client.describe_account_policies(policyType="RETENTION_POLICY")
        self.refused(self.client.put_account_policy, "InvalidParameterException", **policy, policyDocument="{}")
        self.client.delete_account_policy(**policy)
        self.refused(self.client.delete_account_policy, NOT_FOUND, **policy)

    def protection(self):
        for enabled in (True, False):
            self.client.put_log_group_deletion_protection(logGroupIdentifier="/driver/first",
                                                          deletionProtectionEnabled=enabled)
            if enabled:
                self.refused(self.client.delete_log_group, "ValidationException", **GROUP)
        self.refused(self.client.put_log_group_deletion_protection, NOT_FOUND, logGroupIdentifier="/absent",
                     deletionProtectionEnabled=True)

    def tags(self):
        group = {"resourceArn": arn("logs", "log-group:/driver/first")}
        absent = {"resourceArn": arn("logs", "log-group:/absent")}
        self.client.tag_resource(**group, tags={"stage": "dev"})
        self.refused(self.client.tag_resource, NOT_FOUND, **absent, tags={"stage": "dev"})
        self.client.list_tags_for_resource(**group)
        self.refused(self.client.list_tags_for_resource, NOT_FOUND, **absent)
        self.client.untag_resource(**group, tagKeys=["stage"])
        self.refused(self.client.untag_resource, NOT_FOUND, **absent, tagKeys=["stage"])

    def older_tags(self):
        self.client.tag_log_group(**GROUP, tags={"stage": "dev"})
        self.refused(self.client.tag_log_group, NOT_FOUND, **ABSENT, tags={"stage": "dev"})
        self.client.list_tags_log_group(**GROUP)
        self.refused(self.client.list_tags_log_group, NOT_FOUND, **ABSENT)
        self.client.untag_log_group(**GROUP, tags=["stage"])
        self.refused(self.client.untag_log_group, NOT_FOUND, **ABSENT, tags=["stage"])

    def streams(self):
        for name in ("first", "second"):
            self.client.create_log_stream(**GROUP, logStreamName=name)
        self.refused(self.client.create_log_stream, "ResourceAlreadyExistsException", **GROUP, logStreamName="first")
        self.pages("describe_log_streams", 2, **GROUP)
        self.refused(self.client.describe_log_streams, NOT_FOUND, **ABSENT)

    def events(self):
        now = int(time.time() * 1000)
        events = {"logEvents": [{"timestamp": now + number, "message": f"message {number}"} for number in range(3)]}
        self.client.put_log_events(**GROUP, logStreamName="first", **events)
        old = {"logEvents": [{"timestamp": 1, "message": "too old"}]}
        self.client.put_log_events(**GROUP, logStreamName="first", **old)
        self.refused(self.client.put_log_events, NOT_FOUND, **GROUP, logStreamName="absent", **events)
        self.client.get_log_events(**GROUP, logStreamName="first", startFromHead=True, limit=2)
        self.refused(self.client.get_log_events, NOT_FOUND, **GROUP, logStreamName="absent")
        self.pages("filter_log_events", 2, **GROUP, filterPattern="message")
        self.refused(self.client.filter_log_events, NOT_FOUND, **ABSENT)
        self.client.describe_log_streams(**GROUP, orderBy="LastEventTime", descending=True)

    def deletion(self):
        self.client.delete_log_stream(**GROUP, logStreamName="first")
        self.refused(self.client.delete_log_stream, NOT_FOUND, **GROUP, logStreamName="first")
        for name in ("/driver/first", "/driver/second"):
            self.client.delete_log_group(logGroupName=name)
        self.refused(self.client.delete_log_group, NOT_FOUND, **ABSENT)
