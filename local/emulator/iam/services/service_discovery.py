"""Cloud Map: namespaces, and the services in them."""

from ..call import Call
from ..policy import Access

# The actions for which AWS supports only `*`, although the call may name a resource.
ON_ALL = (
    "CreateHttpNamespace",
    "CreatePrivateDnsNamespace",
    "CreatePublicDnsNamespace",
    "GetOperation",
    "ListInstances",
    "ListNamespaces",
    "ListOperations",
    "ListServices",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
)


def accesses(call: Call) -> list[Access]:
    needs = [call.access(_resource(call))]
    if call.name.startswith("Create"):
        needs += call.tagging("servicediscovery:TagResource", "*")
    return needs


def _resource(call: Call) -> str:
    given = call.parameters
    if call.name in ON_ALL:
        return "*"
    if call.name == "CreateService":
        namespace = given.get("NamespaceId") or given.get("DnsConfig", {}).get("NamespaceId", "")
        return call.arn(f"namespace/{namespace}")
    kind = "namespace" if call.name.endswith("Namespace") else "service"
    return call.arn(f"{kind}/{given.get('ServiceId') or given.get('Id', '*')}")
