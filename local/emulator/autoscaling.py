"""Gap: application-autoscaling has no tag actions, which the AWS provider calls for each target."""

import json
from collections import defaultdict
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

from .override import add_action, override

_tags: defaultdict[str, dict[str, str]] = defaultdict(dict)


def tags_of_target(arn: str) -> dict[str, str]:
    return _tags.get(arn, {})


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
