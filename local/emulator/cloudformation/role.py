"""Gap: moto drops the managed policies of an AWS::IAM::Role, and its inline policies cannot be
read.

An update changes only the description, and a role with managed policies cannot be deleted.
"""

import json
from typing import Any

from moto.iam.models import Role, iam_backends

from ..override import override


@override(Role)
def create_from_cloudformation_json(
    original: Any, name: str, resource: Any, account_id: str, region: str, **kwargs: Any
) -> Role:
    role: Role = original(name, resource, account_id, region, **kwargs)
    _put_policies(role, resource["Properties"])
    return role


@override(Role)
def update_from_cloudformation_json(
    _: Any,
    original_resource: Role,
    new_resource_name: str,
    cloudformation_json: Any,
    account_id: str,
    region_name: str,
) -> Role:
    properties = cloudformation_json["Properties"]
    role = original_resource
    role.assume_role_policy_document = json.dumps(properties["AssumeRolePolicyDocument"])
    role.description = properties.get("Description", "")
    role.max_session_duration = properties.get("MaxSessionDuration", 3600)
    role.permissions_boundary_arn = properties.get("PermissionsBoundary")
    _put_policies(role, properties)
    return role


@override(Role)
def delete_from_cloudformation_json(
    original: Any, name: str, resource: Any, account_id: str, region: str
) -> None:
    _attach(iam_backends[account_id]["aws"].get_role(name), [])
    original(name, resource, account_id, region)


def _put_policies(role: Role, properties: Any) -> None:
    policies = properties.get("Policies", [])
    role.policies = {
        policy["PolicyName"]: json.dumps(policy["PolicyDocument"]) for policy in policies
    }
    _attach(role, properties.get("ManagedPolicyArns", []))


def _attach(role: Role, arns: list[str]) -> None:
    """Attaches these managed policies and detaches all others."""
    backend = iam_backends[role.account_id]["aws"]
    for arn in set(role.managed_policies) - set(arns):
        backend.detach_role_policy(arn, role.name)
    for arn in set(arns) - set(role.managed_policies):
        backend.attach_role_policy(arn, role.name)
