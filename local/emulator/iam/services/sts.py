"""STS: assuming roles. GetCallerIdentity needs no permission."""

from ..call import Call
from ..policy import Access


def accesses(call: Call) -> list[Access]:
    if call.name == "GetCallerIdentity":
        return []
    given = call.parameters
    if "RoleArn" not in given:
        return [call.access("*")]
    keys = {
        "sts:externalid": given.get("ExternalId"),
        "sts:rolesessionname": given.get("RoleSessionName"),
    }
    return [call.access(given["RoleArn"], {key: value for key, value in keys.items() if value})]
