"""Drives the operations of DynamoDB."""

from steps import Driver, arn

TABLE = {"TableName": "Driven"}
ABSENT = {"TableName": "Absent"}
KEY = {"Id": {"S": "one"}}
SCHEMA = {
    "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class DynamoDb(Driver):
    service = "dynamodb"

    def steps(self):
        return [self.tables, self.updates, self.tags, self.backups, self.time_to_live, self.items, self.batches,
                self.transactions, self.statements, self.deletion, self.system_backups]

    def tables(self):
        for name in ("Driven", "Second"):
            self.client.create_table(TableName=name, **SCHEMA, Tags=[{"Key": "team", "Value": "blue"}])
            self.wait("table_exists", TableName=name)
        self.client.create_table(
            TableName="Provisioned", KeySchema=[*SCHEMA["KeySchema"], {"AttributeName": "At", "KeyType": "RANGE"}],
            AttributeDefinitions=[*SCHEMA["AttributeDefinitions"], {"AttributeName": "At", "AttributeType": "N"}],
            ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            LocalSecondaryIndexes=[{
                "IndexName": "Local", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["Color"]},
                "KeySchema": [*SCHEMA["KeySchema"], {"AttributeName": "At", "KeyType": "RANGE"}]}],
            GlobalSecondaryIndexes=[{
                "IndexName": "Global", "Projection": {"ProjectionType": "KEYS_ONLY"},
                "KeySchema": [{"AttributeName": "At", "KeyType": "HASH"}],
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
            SSESpecification={"Enabled": True}, TableClass="STANDARD_INFREQUENT_ACCESS")
        self.refused(self.client.create_table, "ResourceInUseException", **TABLE, **SCHEMA)
        self.client.describe_table(TableName="Provisioned")
        self.refused(self.client.describe_table, "ResourceNotFoundException", **ABSENT)
        self.pages("list_tables", 3)

    def updates(self):
        self.client.update_table(**TABLE, DeletionProtectionEnabled=True)
        self.refused(self.client.update_table, "ResourceNotFoundException", **ABSENT, DeletionProtectionEnabled=True)
        self.refused(self.client.delete_table, "ValidationException", **TABLE)
        self.client.update_table(**TABLE, DeletionProtectionEnabled=False)
        self.client.update_table(**TABLE, SSESpecification={"Enabled": True})
        self.client.update_table(**TABLE, OnDemandThroughput={"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 5})

    def tags(self):
        table = {"ResourceArn": arn("dynamodb", "table/Driven")}
        absent = {"ResourceArn": arn("dynamodb", "table/Absent")}
        tags = {"Tags": [{"Key": f"key-{number}", "Value": "value"} for number in range(15)]}
        self.client.tag_resource(**table, **tags)
        self.refused(self.client.tag_resource, "ResourceNotFoundException", **absent, **tags)
        self.driven.add("list_tags_of_resource")
        list(self.client.get_paginator("list_tags_of_resource").paginate(**table))
        self.refused(self.client.list_tags_of_resource, "ResourceNotFoundException", **absent)
        self.client.untag_resource(**table, TagKeys=["key-1"])
        self.refused(self.client.untag_resource, "ResourceNotFoundException", **absent, TagKeys=["key-1"])

    def backups(self):
        on = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
        for name in ("Driven", "Second"):
            self.client.update_continuous_backups(TableName=name, **on)
        self.refused(self.client.update_continuous_backups, "TableNotFoundException", **ABSENT, **on)
        self.client.describe_continuous_backups(**TABLE)
        self.refused(self.client.describe_continuous_backups, "TableNotFoundException", **ABSENT)

    def time_to_live(self):
        on = {"TimeToLiveSpecification": {"Enabled": True, "AttributeName": "Expires"}}
        self.client.describe_time_to_live(**TABLE)
        self.client.update_time_to_live(**TABLE, **on)
        self.client.describe_time_to_live(**TABLE)
        self.refused(self.client.describe_time_to_live, "ResourceNotFoundException", **ABSENT)
        self.refused(self.client.update_time_to_live, "ResourceNotFoundException", **ABSENT, **on)

    def items(self):
        item = {"Id": {"S": "one"}, "Number": {"N": "1.5"}, "Bytes": {"B": b"x"}, "Set": {"SS": ["a"]},
                "Numbers": {"NS": ["1"]}, "Blobs": {"BS": [b"y"]}, "Map": {"M": {"List": {"L": [{"NULL": True}]}}},
                "Flag": {"BOOL": False}}
        all_told = {"ReturnConsumedCapacity": "INDEXES"}
        self.client.put_item(**TABLE, Item=item, ReturnItemCollectionMetrics="SIZE", **all_told)
        self.client.put_item(**TABLE, Item={**item, "Id": {"S": "two"}}, ReturnValues="ALL_OLD")
        self.refused(self.client.put_item, "ConditionalCheckFailedException", **TABLE, Item=item,
                     ConditionExpression="attribute_not_exists(Id)", ReturnValuesOnConditionCheckFailure="ALL_OLD")
        self.client.put_item(TableName="Provisioned", Item={"Id": {"S": "one"}, "At": {"N": "1"}},
                             ReturnItemCollectionMetrics="SIZE", **all_told)
        self.client.get_item(**TABLE, Key=KEY, ConsistentRead=True, **all_told)
        self.refused(self.client.get_item, "ResourceNotFoundException", **ABSENT, Key=KEY)
        self.client.update_item(**TABLE, Key=KEY, UpdateExpression="SET #c = :c", ReturnValues="ALL_NEW",
                                ExpressionAttributeNames={"#c": "Color"}, ExpressionAttributeValues={":c": {"S": "b"}})
        self.refused(self.client.update_item, "ValidationException", **TABLE, Key=KEY, UpdateExpression="SET")
        query = {"KeyConditionExpression": "Id = :id", "ExpressionAttributeValues": {":id": {"S": "one"}}}
        self.pages("query", 1, **TABLE, **query)
        self.client.query(**TABLE, **query, Select="COUNT", **all_told)
        self.refused(self.client.query, "ResourceNotFoundException", **ABSENT, **query)
        self.pages("scan", 2, **TABLE)
        self.client.scan(TableName="Provisioned", IndexName="Global", **all_told)
        self.refused(self.client.scan, "ResourceNotFoundException", **ABSENT)
        self.client.delete_item(**TABLE, Key=KEY, ReturnValues="ALL_OLD", **all_told)
        self.refused(self.client.delete_item, "ResourceNotFoundException", **ABSENT, Key=KEY)

    def batches(self):
        put = {"PutRequest": {"Item": KEY}}
        self.client.batch_write_item(RequestItems={"Driven": [put]}, ReturnConsumedCapacity="TOTAL",
                                     ReturnItemCollectionMetrics="SIZE")
        self.refused(self.client.batch_write_item, "ResourceNotFoundException", RequestItems={"Absent": [put]})
        self.client.batch_get_item(RequestItems={"Driven": {"Keys": [KEY]}}, ReturnConsumedCapacity="TOTAL")
        self.refused(self.client.batch_get_item, "ResourceNotFoundException",
                     RequestItems={"Absent": {"Keys": [KEY]}})

    def transactions(self):
        put = {"Put": {**TABLE, "Item": {"Id": {"S": "three"}}, "ConditionExpression": "attribute_not_exists(Id)",
                       "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
        self.client.transact_write_items(TransactItems=[put], ClientRequestToken="token")
        self.refused(self.client.transact_write_items, "TransactionCanceledException", TransactItems=[put])
        get = {"Get": {**TABLE, "Key": KEY}}
        self.client.transact_get_items(TransactItems=[get], ReturnConsumedCapacity="TOTAL")
        self.refused(self.client.transact_get_items, "ResourceNotFoundException",
                     TransactItems=[{"Get": {**ABSENT, "Key": KEY}}])

    def statements(self):
        select, absent = 'SELECT * FROM "Driven" WHERE "Id" = ?', 'SELECT * FROM "Absent" WHERE "Id" = ?'
        insert = """INSERT INTO "Driven" VALUE {'Id': ?, 'Number': 1.5, 'Map': {'List': [TRUE, NULL]}}"""
        four, five = ({"Parameters": [{"S": name}]} for name in ("four", "five"))
        total = {"ReturnConsumedCapacity": "TOTAL"}
        self.client.execute_statement(Statement=insert, **four, **total)
        self.client.execute_statement(Statement=select, **four, ConsistentRead=True, **total)
        self.client.execute_statement(Statement='SELECT * FROM "Driven"', Limit=1)
        update = """UPDATE "Driven" SET "Color" = 'b' WHERE "Id" = ? RETURNING ALL NEW *"""
        self.client.execute_statement(Statement=update, **four)
        self.refused(self.client.execute_statement, "DuplicateItemException", Statement=insert, **four)
        self.refused(self.client.execute_statement, "ResourceNotFoundException", Statement=absent, **four)
        self.refused(self.client.execute_statement, "ValidationException", Statement="DROP TABLE Driven")
        self.client.batch_execute_statement(Statements=[{"Statement": select, **four}], **total)
        self.client.batch_execute_statement(Statements=[{"Statement": insert, **four}, {"Statement": insert, **five}])
        self.client.batch_execute_statement(Statements=[{"Statement": absent, **four}])
        self.refused(self.client.batch_execute_statement, "ValidationException", Statements=[
            {"Statement": select, **four}, {"Statement": select, **four}])
        reads = {"TransactStatements": [{"Statement": select, **four}, {"Statement": select, **five}]}
        self.client.execute_transaction(**reads, **total)
        writes = {"TransactStatements": [{"Statement": insert, **four}]}
        self.refused(self.client.execute_transaction, "TransactionCanceledException", **writes)
        self.client.execute_transaction(ClientRequestToken="statement", TransactStatements=[
            {"Statement": 'DELETE FROM "Driven" WHERE "Id" = ?', **five}])

    def deletion(self):
        for name in ("Driven", "Second", "Provisioned"):
            self.client.delete_table(TableName=name)
            self.wait("table_not_exists", TableName=name)
        self.refused(self.client.delete_table, "ResourceNotFoundException", **ABSENT)

    def system_backups(self):
        """What point-in-time recovery leaves of the deleted tables."""
        self.pages("list_backups", 2, BackupType="ALL")
        backups = self.client.list_backups(TableName="Driven", BackupType="SYSTEM")["BackupSummaries"]
        self.client.describe_backup(BackupArn=backups[0]["BackupArn"])
        absent = arn("dynamodb", "table/Driven/backup/01489602797149-73d8d5bc")
        self.refused(self.client.describe_backup, "BackupNotFoundException", BackupArn=absent)
        self.refused(self.client.delete_backup, "BackupNotFoundException", BackupArn=absent)
