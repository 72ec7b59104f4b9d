"""Secrets Manager: secrets, which a call names by their ARN or by their name."""

from typing import Any

from moto.secretsmanager.models import secretsmanager_backends

from ..call import Call
from ..policy import Access


def accesses(call: Call) -> list[Access]:
    given = call.parameters
    if call.name == "CreateSecret":
        # The ARN of a new secret ends in characters that AWS has not generated yet.
        arn = call.arn(f"secret:{given['Name']}-??????")
        return [call.access(arn), *call.tagging("secretsmanager:TagResource", arn)]
    name = given.get("SecretId")
    return [call.access(_arn(call, name) if name else "*")]


def _arn(call: Call, name: str) -> str:
    if name.startswith("arn:"):
        return name
    backend: Any = secretsmanager_backends[call.caller.account_id][call.caller.region]
    secret = backend.secrets.get(name)
    return secret.arn if secret else call.arn(f"secret:{name}")
