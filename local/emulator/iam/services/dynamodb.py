"""DynamoDB: tables and indexes, and the partition keys in a call."""

import re
from collections.abc import Mapping
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from ..call import Call
from ..policy import Access, Context

# The action that each part of a transaction needs.
PARTS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def accesses(call: Call) -> list[Access]:
    given = call.parameters
    if given.get("TransactItems"):
        return _transaction(call)
    if given.get("RequestItems"):
        return _batch(call)
    name = given.get("TableName") or given.get("ResourceArn")
    if not name:
        return [call.access("*")]
    table = call.named("table", name)
    index = given.get("IndexName")
    needs = [call.access(f"{table}/index/{index}" if index else table, _keys(call, name, [given]))]
    if call.name == "CreateTable":
        needs += call.tagging("dynamodb:TagResource", table)
    return needs


def _transaction(call: Call) -> list[Access]:
    """As on AWS, a transaction needs the permissions of all its parts."""
    return [
        call.access(
            call.named("table", what["TableName"]),
            _keys(call, what["TableName"], [what]),
            action=f"dynamodb:{PARTS[part]}",
        )
        for item in call.parameters["TransactItems"]
        for part, what in item.items()
    ]


def _batch(call: Call) -> list[Access]:
    return [
        call.access(call.named("table", table), _keys(call, table, _batched(requests)))
        for table, requests in call.parameters["RequestItems"].items()
    ]


def _batched(requests: Any) -> list[Mapping[str, Any]]:
    """The requests of a BatchGetItem or a BatchWriteItem for one table."""
    if isinstance(requests, Mapping):
        return [{"Key": key} for key in requests.get("Keys", [])]
    return [what for request in requests for what in request.values()]


def _keys(call: Call, table: str, requests: list[Mapping[str, Any]]) -> Context:
    """The condition key `dynamodb:LeadingKeys`, which a scan does not have."""
    backend = dynamodb_backends[call.caller.account_id][call.caller.region]
    found = backend.tables.get(table.rpartition("/")[2])
    if found is None:
        return {}
    index = call.parameters.get("IndexName")
    indexes = [*found.global_indexes, *found.indexes] if index else []
    schema = next((one.schema for one in indexes if one.name == index), found.schema)
    key = next(part["AttributeName"] for part in schema if part["KeyType"] == "HASH")
    values = [value for request in requests if (value := _key(request, key)) is not None]
    return {"dynamodb:leadingkeys": values} if values else {}


def _key(request: Mapping[str, Any], name: str) -> str | None:
    attributes = request.get("Key") or request.get("Item") or _equals(request)
    value = attributes.get(name)
    return str(next(iter(value.values()))) if value else None


def _equals(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes that a key condition compares with a value for equality."""
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    pairs = re.findall(r"([#\w.-]+)\s*=\s*(:\w+)", request.get("KeyConditionExpression") or "")
    return {names.get(name, name): values.get(value) for name, value in pairs}
