"""ECS: clusters, services, task definitions and tasks."""

from ..call import Call
from ..policy import Access, Context

# The actions for which AWS supports only `*`, although the call names a resource.
ON_ALL = {"DeregisterTaskDefinition", "DescribeTaskDefinition", "ListServices"}


def accesses(call: Call) -> list[Access]:
    resources = ["*"] if call.name in ON_ALL else _resources(call) or ["*"]
    cluster = {"ecs:cluster": _cluster(call)} if "cluster" in call.parameters else {}
    # The condition key for the cluster does not apply to the cluster itself.
    needs = [
        call.access(arn, {} if ":cluster/" in arn else {**cluster, **_network(call)})
        for arn in resources
    ]
    if call.name in ("CreateCluster", "CreateService", "RegisterTaskDefinition", "RunTask"):
        needs += call.tagging("ecs:TagResource", resources[0], {"ecs:createaction": call.name})
    return [*needs, *_passed_roles(call)]


def _resources(call: Call) -> list[str]:
    given = call.parameters
    if "resourceArn" in given:
        return [given["resourceArn"]]
    if call.name == "RegisterTaskDefinition":
        return [call.arn(f"task-definition/{given['family']}:*")]
    if call.name in ("RunTask", "StartTask"):
        return [call.named("task-definition", given["taskDefinition"])]
    if call.name == "DeleteTaskDefinitions":
        return [call.named("task-definition", name) for name in given["taskDefinitions"]]
    if call.name == "ListTasks":
        return [call.arn(f"container-instance/{_cluster_name(call)}/*")]
    if call.name == "DescribeCapacityProviders":
        names = given.get("capacityProviders") or ["*"]
        return [call.named("capacity-provider", name) for name in names]
    for kind in ("service", "task"):
        names = given.get(f"{kind}s") or ([given[kind]] if given.get(kind) else [])
        if names:
            return [call.named(f"{kind}/{_cluster_name(call)}", name) for name in names]
    if call.name == "CreateService":
        return [call.arn(f"service/{_cluster_name(call)}/{given['serviceName']}")]
    return _clusters(call)


def _clusters(call: Call) -> list[str]:
    given = call.parameters
    if call.name in ("CreateCluster", "DescribeClusters"):
        names = given.get("clusters") or [given.get("clusterName") or "default"]
        return [call.named("cluster", name) for name in names]
    return [_cluster(call)] if "cluster" in given else []


def _cluster(call: Call) -> str:
    return call.named("cluster", call.parameters.get("cluster") or "default")


def _cluster_name(call: Call) -> str:
    return _cluster(call).rpartition("/")[2]


def _network(call: Call) -> Context:
    """The network in which tasks are started. It is empty when the call does not change the
    network.
    """
    given = (call.parameters.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if given is None:
        return {}
    public = given.get("assignPublicIp") == "ENABLED"
    return {"ecs:subnet": given["subnets"], "ecs:auto-assign-public-ip": str(public).lower()}


def _passed_roles(call: Call) -> list[Access]:
    given = call.parameters
    if call.name == "CreateService":
        return call.passing(given.get("role"), "ecs.amazonaws.com")
    overrides = given.get("overrides") or {}
    roles = [
        part.get(name)
        for part in (given, overrides)
        for name in ("taskRoleArn", "executionRoleArn")
    ]
    return [need for role in roles for need in call.passing(role, "ecs-tasks.amazonaws.com")]
