"""What was asked of IAM, and what it decided, for whoever writes a policy from it or tests one.

`POST /_emulator/iam/accesses` answers each once, in the order in which they first came:

    {"accesses": [{"principal": "arn:aws:iam::…:role/deploy", "action": "ecs:CreateCluster",
                   "resource": "arn:aws:ecs:…:cluster/main", "allowed": true}]}

The account's root is not asked for: it may do everything.
"""

from .control import Report, receives

# Dictionaries keep the order, and are safe to add to from several threads.
_accesses: dict[tuple[str, str, str, bool], None] = {}


def record(principal: str, action: str, resource: str, allowed: bool) -> None:
    _accesses[principal, action, resource, allowed] = None


@receives("/_emulator/iam/accesses")
def accesses(_: Report) -> Report:
    names = ("principal", "action", "resource", "allowed")
    return {"accesses": [dict(zip(names, access, strict=True)) for access in list(_accesses)]}
