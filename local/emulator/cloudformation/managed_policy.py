"""Gap: moto neither updates nor deletes an AWS::IAM::ManagedPolicy, and returns no PolicyArn."""

import json
from typing import Any

from moto.iam.models import ManagedPolicy, iam_backends

from ..override import add_action

# IAM keeps at most this many versions.
MAX_VERSIONS = 5


@add_action(ManagedPolicy)
def update_from_cloudformation_json(
    original_resource: ManagedPolicy,
    new_resource_name: str,
    cloudformation_json: Any,
    account_id: str,
    region_name: str,
) -> ManagedPolicy:
    policy = original_resource
    backend = iam_backends[account_id]["aws"]
    if len(policy.versions) == MAX_VERSIONS:
        backend.delete_policy_version(policy.arn, policy.versions[0].version_id)
    document = json.dumps(cloudformation_json["Properties"]["PolicyDocument"])
    backend.create_policy_version(policy.arn, document, set_as_default=True)
    return policy


@add_action(ManagedPolicy)
def delete_from_cloudformation_json(arn: str, resource: Any, account_id: str, region: str) -> None:
    backend = iam_backends[account_id]["aws"]
    policy = backend.get_policy(arn)
    for role in list(backend.roles.values()):
        if arn in role.managed_policies:
            policy.detach_from(role)
    backend.delete_policy(arn)


@add_action(ManagedPolicy)
def get_cfn_attribute(self: ManagedPolicy, attribute: str) -> str:
    return {"PolicyArn": self.arn, "PolicyId": self.id}[attribute]
