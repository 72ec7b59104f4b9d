"""IAM: roles, policies, users and identity providers."""

from typing import Any

from moto.iam.models import iam_backends

from ..call import Call
from ..policy import Access, Context

# The additional action that is needed to tag a resource on creation.
TAGGING = {
    "CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
    "CreatePolicy": "iam:TagPolicy",
    "CreateRole": "iam:TagRole",
}


def accesses(call: Call) -> list[Access]:
    resource = _resource(call)
    needs = [call.access(resource, _context(call))]
    if call.name in TAGGING:
        needs += call.tagging(TAGGING[call.name], resource)
    return needs


def _resource(call: Call) -> str:
    given = call.parameters
    path = given.get("Path") or "/"
    match call.name:
        case "CreateRole":
            return call.arn(f"role{path}{given['RoleName']}")
        case "CreatePolicy":
            return call.arn(f"policy{path}{given['PolicyName']}")
        case "CreateServiceLinkedRole":
            return call.arn(f"role/aws-service-role/{given['AWSServiceName']}/*")
        case "CreateOpenIDConnectProvider":
            return call.arn(f"oidc-provider/{given['Url'].partition('://')[2]}")
    if "RoleName" in given:
        role = _role(call)
        return role.arn if role else call.arn(f"role/{given['RoleName']}")
    if "UserName" in given:
        return call.arn(f"user/{given['UserName']}")
    return given.get("PolicyArn") or given.get("OpenIDConnectProviderArn") or "*"


def _context(call: Call) -> Context:
    given = call.parameters
    role = _role(call)
    boundary = given.get("PermissionsBoundary") or (role.permissions_boundary_arn if role else None)
    keys = {
        "iam:permissionsboundary": boundary,
        "iam:policyarn": given.get("PolicyArn"),
        "iam:awsservicename": given.get("AWSServiceName"),
    }
    return {key: value for key, value in keys.items() if value}


def _role(call: Call) -> Any:
    roles = list(iam_backends[call.caller.account_id]["aws"].roles.values())
    return next((role for role in roles if role.name == call.parameters.get("RoleName")), None)
