"""KMS: keys, which a call may name by an alias, and aliases, which are resources themselves."""

from typing import Any

from moto.kms.models import kms_backends

from ..call import Call
from ..caller import Caller
from ..policy import Access, Context
from ..resource_tags import resource_context

ON_ALL = {"ListAliases", "ListKeys"}


def accesses(call: Call) -> list[Access]:
    given = call.parameters
    if call.name == "CreateKey":
        return [
            call.access("*"),
            *call.tagging("kms:TagResource", call.arn("key/*")),
        ]
    if call.name in ON_ALL:
        return [call.access("*")]
    alias = given.get("AliasName")
    named = [given.get("KeyId"), given.get("TargetKeyId")]
    if alias and call.name in ("DeleteAlias", "UpdateAlias"):
        # The key to which the alias refers so far.
        named.append(alias)
    keys = {key_arn(call.caller, name): name for name in named if name}
    needs = [call.access(call.arn(alias))] if alias else []
    needs += [
        call.access(arn, {**aliases_of(call.caller, arn), **_requested(name)})
        for arn, name in keys.items()
    ]
    return needs or [call.access("*")]


def use_of_key(caller: Caller, action: str, key: str, context: Context) -> Access:
    """The access of a service that uses a key on the caller's behalf. `key` is the key's id or ARN,
    or an alias's name or ARN.
    """
    arn = key_arn(caller, key)
    via = {"kms:viaservice": f"{caller.service}.{caller.region}.amazonaws.com"}
    known = {**resource_context(arn), **aliases_of(caller, arn)}
    return caller.access(action, arn, {**known, **via, **context})


def key_arn(caller: Caller, name: str) -> str:
    backend = _backend(caller)
    alias = name[name.index("alias/") :] if "alias/" in name else None
    id = backend.get_key_id_from_alias(alias) if alias else name.rpartition("/")[2]
    return f"arn:aws:kms:{caller.region}:{caller.account_id}:key/{id}"


def aliases_of(caller: Caller, arn: str) -> Context:
    key = _backend(caller).keys.get(arn.rpartition("/")[2])
    return {"kms:resourcealiases": list(key.aliases)} if key and key.aliases else {}


def _requested(name: str) -> Context:
    return {"kms:requestalias": name[name.index("alias/") :]} if "alias/" in name else {}


def _backend(caller: Caller) -> Any:
    return kms_backends[caller.account_id][caller.region]
