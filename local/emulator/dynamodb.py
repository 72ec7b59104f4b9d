"""Gaps in DynamoDB.

1. It is not atomic: two concurrent conditional writes can both find their condition true, and
   concurrent transactions answer 500. Here one request is served at a time. Therefore no
   transaction conflicts with another, as some do on AWS.
2. Each transaction first copies every row of its tables, and no copy is ever freed. Here the copies
   share the rows, which are never modified in place, and replaced rows are freed.
3. ClientRequestToken is ignored, so that a repeated transaction fails on its own writes.
4. Expressions may use reserved words as key names, and unused values are accepted. A value that is
   used but not given is answered with 500.
5. A page that ends with the last row has no LastEvaluatedKey. AWS does not look ahead and returns
   an empty page after it. An invalid start key is answered with 500.
6. A restored table loses its billing mode and its encryption, which AWS keeps.
7. UpdateTimeToLive accepts an empty attribute name, which AWS rejects. DescribeTimeToLive returns
   the attribute of a table whose TTL is disabled, which AWS does not.

Two differences remain: rows stay after their time to live, as they may for days on AWS, and indexes
never lag behind.
"""

import copy
import hashlib
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    DynamodbException,
    MockValidationException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import RestoredPITTable, RestoredTable, Table
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords
from moto.dynamodb.responses import DynamoHandler

from .override import add_action, override

TOKEN_VALID_SECONDS = 600


def _kept(table: Table) -> dict[str, Any]:
    return {"billing_mode": table.billing_mode, "sse_specification": table.sse_specification}


@override(RestoredTable)
def _parse_params_from_backup(original: Any, self: RestoredTable, backup: Any) -> dict[str, Any]:
    return {**original(self, backup), **_kept(backup.table)}


@override(RestoredPITTable)
def _parse_params_from_table(original: Any, self: RestoredPITTable, table: Table) -> dict[str, Any]:
    return {**original(self, table), **_kept(table)}


@override(DynamoDBBackend)
def update_time_to_live(original: Any, self: DynamoDBBackend, name: str, ttl_spec: dict[str, Any]) -> None:
    if not ttl_spec.get("AttributeName"):
        raise MockValidationException(
            "1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' failed to "
            "satisfy constraint: Member must have length greater than or equal to 1"
        )
    original(self, name, ttl_spec)


@override(DynamoDBBackend)
def describe_time_to_live(original: Any, self: DynamoDBBackend, name: str) -> dict[str, Any]:
    described = original(self, name)
    enabled = described["TimeToLiveStatus"] == "ENABLED"
    return described if enabled else {"TimeToLiveStatus": described["TimeToLiveStatus"]}


_one_at_a_time = threading.RLock()

# By the token of each finished transaction: the time until which the token is valid, and the digest
# of the request.
_done: dict[str, tuple[float, bytes]] = {}


@override(DynamoHandler)
def call_action(original: Any, self: DynamoHandler) -> Any:
    with _one_at_a_time:
        return original(self)


# moto keeps every row that ever existed in this list.
Item.instances_tracked = deque(maxlen=0)


@add_action(Table)
def __deepcopy__(self: Table, _: Any) -> Table:
    """Makes the copy of a table to which a failed transaction returns."""
    twin = object.__new__(Table)
    twin.__dict__.update(self.__dict__)
    twin.items = defaultdict(dict)
    for key, rows in self.items.items():
        twin.items[key] = dict(rows) if self.has_range_key else rows
    return twin


@override(DynamoDBBackend)
def update_item(
    original: Any, self: DynamoDBBackend, table_name: str, key: Any, *args: Any, **kwargs: Any
) -> Item:
    """Changes a copy of the row and puts it in the row's place, whereas moto changes the row
    itself.
    """
    table = self.get_table(table_name)
    hash_key, range_key = self.get_keys_value(table, key)
    row = copy.deepcopy(table.get_item(hash_key, range_key))
    if row and range_key:
        table.items[hash_key][range_key] = row
    elif row:
        table.items[hash_key] = row
    changed: Item = original(self, table_name, key, *args, **kwargs)
    return changed


@override(DynamoHandler)
def transact_write_items(original: Any, self: DynamoHandler) -> Any:
    for item in self.body["TransactItems"]:
        for part in item.values():
            _check_values(part)
    token = self.body.pop("ClientRequestToken", None)
    digest = _digest(self.body)
    _forget_old_tokens()
    if token in _done:
        if _done[token][1] != digest:
            raise DynamodbException(
                f"{ERROR_TYPE_PREFIX}IdempotentParameterMismatchException",
                "The client request token was used for another request",
            )
        return ActionResult({})
    answer = original(self)
    if token:
        _done[token] = time.monotonic() + TOKEN_VALID_SECONDS, digest
    return answer


def _digest(request: Mapping[str, Any]) -> bytes:
    # Binary values are bytes here, which JSON cannot represent.
    text = json.dumps(request, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).digest()


def _forget_old_tokens() -> None:
    now = time.monotonic()
    while _done and next(iter(_done.values()))[0] < now:
        del _done[next(iter(_done))]


@override(DynamoHandler)
def _get_expr_attr_values(original: Any, self: DynamoHandler) -> Any:
    _check_values(self.body)
    return original(self)


def _check_values(request: Mapping[str, Any]) -> None:
    """Checks that a request, or a part of a transaction, defines exactly the values that its
    expressions use.
    """
    given = set(request.get("ExpressionAttributeValues") or {})
    used = set()
    for kind in [name for name in request if name.endswith("Expression")]:
        values = set(re.findall(r":\w+", request[kind]))
        used |= values
        if values - given:
            raise MockValidationException(
                f"Invalid {kind}: An expression attribute value used in expression is not defined;"
                f" attribute value: {min(values - given)}"
            )
    if given - used:
        raise MockValidationException(
            "Value provided in ExpressionAttributeValues unused in expressions:"
            f" keys: {{{', '.join(sorted(given - used))}}}"
        )


@override(DynamoHandler)
def scan(original: Any, self: DynamoHandler) -> Any:
    return _page(original, self)


@override(DynamoHandler)
def query(original: Any, self: DynamoHandler) -> Any:
    for word in re.findall(r"(?<![#:\w])\w+", self.body.get("KeyConditionExpression", "")):
        if word.upper() in _RESERVED:
            raise MockValidationException(
                "Invalid KeyConditionExpression: Attribute name is a reserved keyword;"
                f" reserved keyword: {word}"
            )
    return _page(original, self)


# A key condition itself uses these two words.
_RESERVED = set(ReservedKeywords.get_reserved_keywords()) - {"AND", "BETWEEN"}


def _page(original: Any, self: DynamoHandler) -> Any:
    keys = _key_types(self)
    start = self.body.get("ExclusiveStartKey")
    if start is not None and {name: next(iter(value)) for name, value in start.items()} != keys:
        raise MockValidationException("The provided starting key is invalid")
    answer = original(self)
    page = answer.result
    last = page["Items"][-1] if page.get("Items") else {}
    if page["ScannedCount"] == self.body.get("Limit") and keys.keys() <= last.keys():
        page.setdefault("LastEvaluatedKey", {name: last[name] for name in keys})
    return answer


def _key_types(self: DynamoHandler) -> dict[str, str]:
    """The name and type of each key of the table, and of the index that the request uses."""
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    index = self.body.get("IndexName")
    schemas = [self.dynamodb_backend.get_schema(table.name, name) for name in (None, index)]
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table.attr}
    names = [key["AttributeName"] for schema in schemas for key in schema]
    return {name: types[name] for name in names}
