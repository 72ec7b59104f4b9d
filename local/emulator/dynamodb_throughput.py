"""Gap: moto drops a table's maximum on-demand throughput and throttles no call.

Here tables and indexes keep it, and it is enforced as DynamoDB enforces it. The cost of a call is
known only after the call. A call is therefore served as long as any unit is left, and later calls
are throttled until the units are paid back.

Each row costs one unit, or two in a transaction, regardless of its size and of whether the read is
consistent. There is no burst capacity.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    DynamodbException,
    TransactionCanceledException,
)
from moto.dynamodb.models.table import (
    GlobalSecondaryIndex,
    RestoredPITTable,
    RestoredTable,
    Table,
)
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from .override import override

Kind = Literal["Read", "Write"]

MESSAGE = "Throughput exceeds the maximum OnDemandThroughput configured on table or index"


@override(Table)
def describe(original: Any, self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    description: dict[str, Any] = original(self, base_key)
    description[base_key] |= _described(self)
    return description


@override(GlobalSecondaryIndex)
def create(original: Any, dct: dict[str, Any], keys: list[str]) -> GlobalSecondaryIndex:
    index: GlobalSecondaryIndex = original(dct, keys)
    _limit(index, dct)
    return index


@override(GlobalSecondaryIndex)
def update(original: Any, self: GlobalSecondaryIndex, u: dict[str, Any]) -> None:
    original(self, u)
    _limit(self, u)


@override(GlobalSecondaryIndex, "describe")
def describe_index(original: Any, self: GlobalSecondaryIndex) -> dict[str, Any]:
    return {**original(self), **_described(self)}


@override(DynamoHandler, "create_table")
@override(DynamoHandler, "update_table")
def change_table(original: Any, self: DynamoHandler) -> DynamoResult:
    original(self)
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    _limit(table, self.body)
    return DynamoResult(table.describe())


@override(RestoredTable, "__init__")
@override(RestoredPITTable, "__init__")
def restore(original: Any, self: Table, *args: Any, **kwargs: Any) -> None:
    """Gives the restored table the limits of its source. moto copies the indexes with their limits.
    """
    original(self, *args, **kwargs)
    source = kwargs.get("source") or args[-1]
    _set_limits(self, _limits_of(getattr(source, "table", source)))


def _limits_of(resource: Table | GlobalSecondaryIndex) -> dict[str, int]:
    limits: dict[str, int] = getattr(resource, "on_demand_throughput", {})
    return limits


def _set_limits(resource: Table | GlobalSecondaryIndex, limits: Mapping[str, int]) -> None:
    # -1 removes a limit.
    resource.on_demand_throughput = {name: units for name, units in limits.items() if units >= 0}  # type: ignore[union-attr]


def _limit(resource: Table | GlobalSecondaryIndex, given: Mapping[str, Any]) -> None:
    if "OnDemandThroughput" in given:
        _set_limits(resource, {**_limits_of(resource), **given["OnDemandThroughput"]})


def _described(resource: Table | GlobalSecondaryIndex) -> dict[str, Any]:
    limits = _limits_of(resource)
    return {"OnDemandThroughput": dict(limits)} if limits else {}


@dataclass
class Bucket:
    """The units that are left in the current second. A negative number must still be paid back."""

    units: float
    filled_at: float

    def fill(self, per_second: int) -> None:
        now = time.monotonic()
        self.units = min(per_second, self.units + (now - self.filled_at) * per_second)
        self.filled_at = now


# The key is an ARN, because a transaction replaces the object of a table.
_buckets: dict[tuple[str, Kind], Bucket] = {}


class Demand(NamedTuple):
    """The units that a call uses of one table."""

    table: str
    kind: Kind
    units: int
    index: str | None = None


def _filled_buckets(handler: DynamoHandler, demand: Demand) -> Iterable[Bucket]:
    """The buckets of the table or the index. A write to a table is also a write to its indexes."""
    table = handler.dynamodb_backend.get_table(demand.table)
    indexes = {f"{table.table_arn}/index/{index.name}": index for index in table.global_indexes}
    if demand.kind == "Write":
        resources = {table.table_arn: table, **indexes}
    else:
        arn = f"{table.table_arn}/index/{demand.index}"
        resources = {arn: indexes[arn]} if arn in indexes else {table.table_arn: table}
    for arn, resource in resources.items():
        per_second = _limits_of(resource).get(f"Max{demand.kind}RequestUnits")
        if per_second is not None:
            bucket = _buckets.setdefault((arn, demand.kind), Bucket(per_second, time.monotonic()))
            bucket.fill(per_second)
            yield bucket


def _is_exhausted(handler: DynamoHandler, demand: Demand) -> bool:
    return any(bucket.units <= 0 for bucket in _filled_buckets(handler, demand))


def _charge(handler: DynamoHandler, demands: Iterable[Demand]) -> None:
    for demand in demands:
        for bucket in _filled_buckets(handler, demand):
            bucket.units -= demand.units


def _metered(name: str, demands_of: Callable[[Mapping[str, Any]], list[Demand]]) -> None:
    """Throttles the action `name`. `demands_of` returns the units that a request uses."""

    @override(DynamoHandler, name)
    def action(original: Any, self: DynamoHandler) -> Any:
        demands = demands_of(self.body)
        exhausted = [_is_exhausted(self, demand) for demand in demands]
        if any(exhausted):
            raise _throttled(name, exhausted)
        answer = original(self)
        # A page costs as much as the rows that were read for it, and an empty page as much as one row.
        scanned = answer.result.get("ScannedCount") if name in ("query", "scan") else None
        paid = demands if scanned is None else [demands[0]._replace(units=max(1, scanned))]
        _charge(self, paid)
        return answer


def _throttled(action: str, exhausted: list[bool]) -> DynamodbException:
    if action.startswith("transact"):
        return TransactionCanceledException(
            [("ThrottlingError", MESSAGE, None) if is_it else (None, None, None) for is_it in exhausted]
        )
    return DynamodbException(f"{ERROR_TYPE_PREFIX}ThrottlingException", MESSAGE)


def _one(kind: Kind) -> Callable[[Mapping[str, Any]], list[Demand]]:
    return lambda body: [Demand(body["TableName"], kind, 1, body.get("IndexName"))]


def _batch(kind: Kind) -> Callable[[Mapping[str, Any]], list[Demand]]:
    def demands(body: Mapping[str, Any]) -> list[Demand]:
        tables = body["RequestItems"].items()
        return [
            Demand(table, kind, len(rows["Keys"] if kind == "Read" else rows)) for table, rows in tables
        ]

    return demands


def _transaction(kind: Kind) -> Callable[[Mapping[str, Any]], list[Demand]]:
    return lambda body: [
        Demand(part["TableName"], kind, 2) for item in body["TransactItems"] for part in item.values()
    ]


for action, demands_of in {
    "get_item": _one("Read"),
    "query": _one("Read"),
    "scan": _one("Read"),
    "batch_get_item": _batch("Read"),
    "transact_get_items": _transaction("Read"),
    "put_item": _one("Write"),
    "update_item": _one("Write"),
    "delete_item": _one("Write"),
    "batch_write_item": _batch("Write"),
    "transact_write_items": _transaction("Write"),
}.items():
    _metered(action, demands_of)
