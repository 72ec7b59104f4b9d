"""Evaluates policy statements: Effect, (Not)Principal, (Not)Action, (Not)Resource, Condition.

The only supported policy variable is `${*}`, which stands for an asterisk. Dates are not evaluated.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from moto.iam.access_control import PermissionResult

Statement = Mapping[str, Any]
# Some condition keys have several values.
Context = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Access:
    """An action that a principal requests on a resource."""

    action: str
    # None when the resource is unknown. Then only the action is checked.
    resource: str | None
    # The condition keys in lower case, with their values.
    context: Context
    # The names with which a resource policy may refer to the principal.
    principals: frozenset[str] = field(default_factory=frozenset)


def statements(document: Mapping[str, Any]) -> list[Statement]:
    return _listed(document["Statement"])


def decide(policy: Iterable[Statement], access: Access) -> PermissionResult:
    """The decision of a policy. An explicit Deny overrides every Allow. The result is NEUTRAL when
    no statement matches.
    """
    effects = {statement["Effect"] for statement in policy if _applies(statement, access)}
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def _applies(statement: Statement, access: Access) -> bool:
    return (
        _covers(statement, "Principal", lambda name: name == "*" or name in access.principals)
        and _covers(statement, "Action", lambda name: _like(name.lower(), access.action.lower()))
        and _covers(statement, "Resource", lambda pattern: _is_resource(statement, pattern, access))
        and all(
            _holds(operator, _listed(wanted), access.context.get(key.lower()))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _covers(statement: Statement, element: str, matches: Callable[[str], bool]) -> bool:
    """Whether a statement's element matches, or its Not-element does not match, or both are absent.
    """
    if element in statement:
        return any(map(matches, _names(statement[element])))
    if f"Not{element}" in statement:
        return not any(map(matches, _names(statement[f"Not{element}"])))
    return True


def _names(value: Any) -> list[str]:
    """The names in `"*"`, `["a", "b"]` or `{"AWS": "a", "Service": ["b"]}` as a list."""
    groups = value.values() if isinstance(value, dict) else [value]
    return [name for group in groups for name in _listed(group)]


def _is_resource(statement: Statement, pattern: str, access: Access) -> bool:
    if access.resource is None:
        return statement["Effect"] == "Allow" or pattern == "*"
    return _like(pattern, access.resource)


def _holds(operator: str, wanted: list[Any], have: str | list[str] | None) -> bool:
    """Whether a condition is true for the value or values of its key. `have` is None when the
    request lacks the key.
    """
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    if base == "Null":
        return (have is None) == (str(wanted[0]).lower() == "true")
    negated = "Not" in base
    if have is None:
        return name != base or quantifier == "ForAllValues" or (negated and not quantifier)
    test = _OPERATORS[base.replace("Not", "")]
    matches = [any(test(str(want), value) for want in wanted) for value in _listed(have)]
    if quantifier == "ForAllValues":
        return all(match != negated for match in matches)
    if quantifier == "ForAnyValue":
        return any(match != negated for match in matches)
    return any(matches) != negated


def _like(pattern: str, value: str) -> bool:
    return _regex(pattern).fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in pattern.split("${*}"))
    wild = (part.replace(r"\*", ".*").replace(r"\?", ".") for part in parts)
    return re.compile(r"\*".join(wild), re.DOTALL)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda want, value: want == value,
    "StringEqualsIgnoreCase": lambda want, value: want.lower() == value.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda want, value: want.lower() == value.lower(),
    "IpAddress": lambda want, value: ipaddress.ip_address(value) in ipaddress.ip_network(want),
    "NumericEquals": lambda want, value: float(value) == float(want),
    "NumericLessThan": lambda want, value: float(value) < float(want),
    "NumericLessThanEquals": lambda want, value: float(value) <= float(want),
    "NumericGreaterThan": lambda want, value: float(value) > float(want),
    "NumericGreaterThanEquals": lambda want, value: float(value) >= float(want),
}
