"""Gaps in application-autoscaling.

1. It has no tag actions, which the AWS provider calls for each target.

2. moto answers with a ValidationException when the policy or target to delete does not exist. AWS
answers with an ObjectNotFoundException, which Terraform accepts. This happens on a busy machine,
when a client repeats a request that was already answered.

3. DescribeScalingPolicies of a resource also returns the policies of every resource whose id is the
beginning of this one's.
"""

import json
from collections import defaultdict
from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

from .override import add_action, override

_tags: defaultdict[str, dict[str, str]] = defaultdict(dict)


def tags_of_target(arn: str) -> dict[str, str]:
    return _tags.get(arn, {})


@override(ApplicationAutoscalingBackend, "delete_scaling_policy")
@override(ApplicationAutoscalingBackend, "deregister_scalable_target")
def delete(original: Any, self: ApplicationAutoscalingBackend, *args: Any, **kwargs: Any) -> None:
    try:
        original(self, *args, **kwargs)
    except AWSValidationException as error:
        raise JsonRESTError("ObjectNotFoundException", error.message) from error


@override(ApplicationAutoscalingBackend)
def describe_scaling_policies(
    original: Any, self: ApplicationAutoscalingBackend, *, resource_id: str | None, **filters: Any
) -> tuple[str | None, list[Any]]:
    next_token, policies = original(self, resource_id=resource_id, **filters)
    return next_token, [p for p in policies if resource_id in (None, "", p.resource_id)]


@override(ApplicationAutoScalingResponse)
def register_scalable_target(original: Any, self: Any) -> str:
    answer: str = original(self)
    _tags[json.loads(answer)["ScalableTargetARN"]].update(self._get_param("Tags") or {})
    return answer


@add_action(ApplicationAutoScalingResponse)
def tag_resource(self: Any) -> str:
    _tags[self._get_param("ResourceARN")].update(self._get_param("Tags"))
    return "{}"


@add_action(ApplicationAutoScalingResponse)
def untag_resource(self: Any) -> str:
    for key in self._get_param("TagKeys"):
        _tags[self._get_param("ResourceARN")].pop(key, None)
    return "{}"


@add_action(ApplicationAutoScalingResponse)
def list_tags_for_resource(self: Any) -> str:
    return json.dumps({"Tags": _tags[self._get_param("ResourceARN")]})
