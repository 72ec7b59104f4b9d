"""Decides on accesses and records them, for people who write a policy from them or test one.

`POST /_emulator/iam/accesses` returns each access once, in the order in which they were first
requested:

{"accesses": [{"principal": "arn:aws:iam::…:role/deploy", "action": "ecs:CreateCluster",
               "resource": "arn:aws:ecs:…:cluster/main", "allowed": true}]}

Accesses of the account's root are not recorded, because it may do everything.
"""

from collections.abc import Sequence

from moto.iam.access_control import PermissionResult

from ..control import Report, receives
from .caller import Caller
from .policy import Access, Statement, decide

# A dictionary keeps the order and can be changed by several threads.
_accesses: dict[tuple[str, str, str, bool], None] = {}


@receives("/_emulator/iam/accesses")
def report_accesses(_: Report) -> Report:
    names = ("principal", "action", "resource", "allowed")
    return {"accesses": [dict(zip(names, access, strict=True)) for access in list(_accesses)]}


def remember(caller: Caller, access: Access, allowed: bool) -> None:
    if not caller.is_root:
        key = (caller.principal_arn, access.action, access.resource or "*", allowed)
        _accesses[key] = None


def refusal_of(
    caller: Caller, access: Access, resource_policy: Sequence[Statement] = ()
) -> str | None:
    """None when the access is allowed, and otherwise AWS's message.

    An Allow in either the resource's or the caller's policy is enough. A Deny in either is final.
    """
    reason = _reason(caller, access, resource_policy)
    remember(caller, access, reason is None)
    return reason and refusal(caller, access, reason)


def refusal(caller: Caller, access: Access, reason: str) -> str:
    return (
        f"User: {caller.arn} is not authorized to perform: {access.action}"
        f" on resource: {access.resource or '*'} {reason}"
    )


def not_allowed_by(kind: str, access: Access) -> str:
    return f"because no {kind} allows the {access.action} action"


def _reason(caller: Caller, access: Access, resource_policy: Sequence[Statement]) -> str | None:
    boundary = None if caller.boundary is None else decide(caller.boundary, access)
    decisions = {
        "identity-based policy": decide(caller.policy, access),
        "resource-based policy": decide(resource_policy, access),
        "permissions boundary": boundary,
    }
    for kind, decision in decisions.items():
        if decision == PermissionResult.DENIED:
            article = "an" if kind.startswith("i") else "a"
            return f"with an explicit deny in {article} {kind}"
    if boundary == PermissionResult.NEUTRAL:
        return not_allowed_by("permissions boundary", access)
    if PermissionResult.PERMITTED not in (
        decisions["identity-based policy"],
        decisions["resource-based policy"],
    ):
        return not_allowed_by("identity-based policy", access)
    return None
