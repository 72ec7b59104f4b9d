"""Gaps in CloudFormation. The gaps in its IAM resources have files of their own.

1. moto silently skips a type that it does not know. Here such a type fails the stack.
2. AWS::NoValue stays in a list as an empty value, the default of a list parameter stays a string,
   and an unquoted `Version: 2012-10-17` is not converted to JSON.
3. A stack that was made with a change set, as `aws cloudformation deploy` does, has no outputs.
4. A template with roles or policies is accepted without CAPABILITY_IAM or CAPABILITY_NAMED_IAM.
"""

import re
from datetime import date
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import NULL_MODELS, ResourceMap
from moto.cloudformation.responses import CloudFormationResponse

from ..override import override
from . import managed_policy, oidc_provider, role

__all__ = ["managed_policy", "oidc_provider", "role"]


@override(parsing)
def resource_class_from_type(original: Any, resource_type: str) -> Any:
    found = original(resource_type)
    if found is None and resource_type not in NULL_MODELS:
        raise ValidationError(message=f"The local AWS cannot make a {resource_type}")
    return found


@override(parsing)
def clean_json(original: Any, value: Any, resources: ResourceMap) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    cleaned = original(value, resources)
    if isinstance(value, list):
        return [item for item in cleaned if item is not None]
    return cleaned


@override(ResourceMap)
def load_parameters(original: Any, self: ResourceMap) -> None:
    original(self)
    for name, parameter in self._template.get("Parameters", {}).items():
        value = self.resolved_parameters[name]
        if "List" in parameter["Type"] and isinstance(value, str):
            values = [part.strip() for part in value.split(",")]
            self.resolved_parameters[name] = self._parsed_resources[name] = values


@override(CloudFormationBackend)
def execute_change_set(original: Any, self: CloudFormationBackend, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    for stack in self.stacks.values():
        stack._parse_template()
        stack.output_map = stack._create_output_map()


class InsufficientCapabilities(CloudFormationError):
    code = "InsufficientCapabilitiesException"


@override(CloudFormationResponse)
def create_stack(original: Any, self: CloudFormationResponse) -> Any:
    _check_capabilities(self)
    return original(self)


@override(CloudFormationResponse)
def create_change_set(original: Any, self: CloudFormationResponse) -> Any:
    _check_capabilities(self)
    return original(self)


@override(CloudFormationResponse)
def update_stack(original: Any, self: CloudFormationResponse) -> Any:
    _check_capabilities(self)
    return original(self)


def _check_capabilities(self: CloudFormationResponse) -> None:
    template = self._get_param("TemplateBody") or ""
    given = set(self._get_param("Capabilities") or [])
    if "AWS::IAM::" not in template:
        return
    named = re.search(r"\b(Role|ManagedPolicy|User|Group)Name\b", template)
    needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    if not given & {needed, "CAPABILITY_NAMED_IAM"}:
        raise InsufficientCapabilities(f"Requires capabilities : [{needed}]")
