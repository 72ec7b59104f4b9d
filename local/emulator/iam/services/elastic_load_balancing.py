"""Elastic Load Balancing. A new resource is identified by its name, or by the ARN of its parent."""

from ..call import Call
from ..policy import Access

ARNS = ("LoadBalancerArn", "ListenerArn", "RuleArn", "TargetGroupArn")


def accesses(call: Call) -> list[Access]:
    if call.name.startswith("Describe"):
        return [call.access("*")]
    given = call.parameters
    created = _created(call)
    named = [given[name] for name in ARNS if name in given]
    named += given.get("ResourceArns") or []
    named += [rule["RuleArn"] for rule in given.get("RulePriorities") or []]
    needs = [call.access(arn) for arn in named or [created or "*"]]
    if created:
        context = {"elasticloadbalancing:createaction": call.name}
        needs += call.tagging("elasticloadbalancing:AddTags", created, context)
    return needs


def _created(call: Call) -> str | None:
    """The ARN of the resource that the call creates, with `*` in place of its id."""
    given = call.parameters
    match call.name:
        case "CreateLoadBalancer":
            kind = {"network": "net", "gateway": "gwy"}.get(given.get("Type", ""), "app")
            return call.arn(f"loadbalancer/{kind}/{given['Name']}/*")
        case "CreateTargetGroup":
            return call.arn(f"targetgroup/{given['Name']}/*")
        case "CreateListener":
            return given["LoadBalancerArn"].replace(":loadbalancer/", ":listener/") + "/*"
        case "CreateRule":
            return given["ListenerArn"].replace(":listener/", ":listener-rule/") + "/*"
    return None
