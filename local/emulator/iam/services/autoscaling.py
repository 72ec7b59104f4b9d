"""Application Auto Scaling: scalable targets, which have random names on AWS."""

from moto.applicationautoscaling.models import applicationautoscaling_backends

from ..call import Call
from ..policy import Access


def accesses(call: Call) -> list[Access]:
    if call.name.startswith("Describe"):
        return [call.access("*")]
    given = call.parameters
    target = given.get("ResourceARN") or _target(call)
    context = {
        f"application-autoscaling:{key}": given[name]
        for key, name in (
            ("service-namespace", "ServiceNamespace"),
            ("scalable-dimension", "ScalableDimension"),
        )
        if name in given
    }
    needs = [call.access(target, context)]
    if call.name == "RegisterScalableTarget":
        needs += call.tagging("application-autoscaling:TagResource", target)
        needs += call.passing(given.get("RoleARN"), "application-autoscaling.amazonaws.com")
    return needs


def _target(call: Call) -> str:
    given = call.parameters
    backend = applicationautoscaling_backends[call.caller.account_id][call.caller.region]
    targets = backend.targets.get(given.get("ScalableDimension", ""), {})
    target = targets.get(given.get("ResourceId", ""))
    return target.arn if target else call.arn("scalable-target/*")
