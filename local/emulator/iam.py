"""Gap: moto lets everybody do everything.

Here a call signed with a user's or an assumed role's key needs an Allow, and no Deny, in the
identity policies of that user or role, managed or inline. The bootstrap key `test` is the account's
root, and ECS besides: it assumes task roles. S3 has its own file, for its bucket policies.

Signatures are not checked: knowing the session token is enough. Neither are permission boundaries,
session policies, and trust policies on AssumeRole.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.iam.access_control import (
    AssumedRoleAccessKey,
    CreateAccessKeyFailure,
    PermissionResult,
    create_access_key,
)
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Policy, iam_backends

from .accesses import record
from .override import override
from .policy import Access, Statement, decide, statements

ROOT_KEY = "test"
ALLOW_ALL: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Caller:
    """Who signed a request."""

    account_id: str
    region: str
    # As AWS signs: `dynamodb`, `s3`.
    service: str
    # A role's session, for a role.
    arn: str
    # The role itself, for a role.
    principal_arn: str
    policy: list[Statement]

    @property
    def is_root(self) -> bool:
        return self.arn == _root(self.account_id)

    def access(self, action: str, resource: str | None, **context: str) -> Access:
        return Access(
            action,
            resource,
            {
                "aws:principalaccount": self.account_id,
                "aws:principalarn": self.principal_arn,
                "aws:requestedregion": self.region,
                # HTTP on the loopback interface stands in for TLS, which nobody can break into.
                "aws:securetransport": "true",
                **context,
            },
            frozenset({self.arn, self.principal_arn}),
        )


def caller_of(headers: Any, account_id: str) -> Caller | None:
    """None: the request is not signed. Raises CreateAccessKeyFailure for an unknown key."""
    signature = headers.get("Authorization", "")
    credential = re.search(r"Credential=([^/]+)/[^/]+/([^/]+)/([^/]+)/", signature)
    if credential is None:
        return None
    key_id, region, service = credential.groups()
    if key_id == ROOT_KEY:
        root = _root(account_id)
        return Caller(account_id, region, service, root, root, [ALLOW_ALL])
    key = create_access_key(account_id, "aws", key_id, headers)
    return Caller(account_id, region, service, key.arn, _principal_arn(key), _policy_of(key))


def _root(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:root"


def _principal_arn(key: Any) -> str:
    if not isinstance(key, AssumedRoleAccessKey):
        return key.arn
    roles = iam_backends[key.account_id]["aws"].roles.values()
    return next((role.arn for role in roles if role.name == key._owner_role_name), key.arn)


def _policy_of(key: Any) -> list[Statement]:
    try:
        documents = [_document(policy) for policy in key.collect_policies()]
    except NotFoundException:
        # The role was deleted after it had been assumed.
        return []
    return [statement for document in documents for statement in statements(document)]


def _document(policy: Any) -> Any:
    if isinstance(policy, Policy):
        return json.loads(next(v.document for v in policy.versions if v.is_default))
    return json.loads(policy if isinstance(policy, str) else policy["policy_document"])


class Refusal(ServiceException):
    """In AWS's words, which differ between its protocols."""

    def __init__(self, request: BaseResponse, codes: dict[str, str], message: str) -> None:
        is_json = "X-Amz-Target" in request.headers
        protocol = "json" if is_json else "ec2" if request.service_name == "ec2" else "query"
        super().__init__(codes[protocol], message)
        self.status = 400 if is_json else 403


UNKNOWN_KEY = {
    "json": "UnrecognizedClientException",
    "query": "InvalidClientTokenId",
    "ec2": "AuthFailure",
}
DENIED = {"json": "AccessDeniedException", "query": "AccessDenied", "ec2": "UnauthorizedOperation"}


@override(BaseResponse)
def call_action(original: Any, self: BaseResponse) -> Any:
    try:
        _authorize(self)
    except Refusal as refusal:
        _, headers, body = self.serialized(ActionResult(refusal))
        return refusal.status, {**headers, "status": str(refusal.status)}, body
    return original(self)


def _authorize(request: BaseResponse) -> None:
    try:
        caller = caller_of(request.headers, request.current_account)
    except CreateAccessKeyFailure as failure:
        message = "The security token included in the request is invalid."
        raise Refusal(request, UNKNOWN_KEY, message) from failure
    if caller is None or caller.is_root:
        return
    for access in _accesses(request, caller):
        allowed = decide(caller.policy, access) == PermissionResult.PERMITTED
        record(caller.principal_arn, access.action, access.resource or "*", allowed)
        if not allowed:
            raise Refusal(
                request,
                DENIED,
                f"User: {caller.arn} is not authorized to perform: {access.action}"
                f" on resource: {access.resource or '*'}",
            )


def _accesses(request: BaseResponse, caller: Caller) -> list[Access]:
    service = {"monitoring": "cloudwatch"}.get(caller.service, caller.service)
    action = f"{service}:{request._get_action()}"
    if action == "sts:GetCallerIdentity":
        return []
    if request._get_param("TransactItems"):
        return _transaction(request, caller)
    resources = RESOURCES.get(service, lambda *_: [None])(request, caller)
    accesses = [caller.access(action, resource) for resource in resources]
    if action == "ecs:RegisterTaskDefinition":
        accesses += _passed_roles(request, caller)
    return accesses


def _passed_roles(request: BaseResponse, caller: Caller) -> list[Access]:
    roles = [request._get_param("taskRoleArn"), request._get_param("executionRoleArn")]
    passed_to = {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}
    return [caller.access("iam:PassRole", role, **passed_to) for role in roles if role]


# What a part of a DynamoDB transaction needs.
PARTS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def _transaction(request: BaseResponse, caller: Caller) -> list[Access]:
    """As on AWS, a transaction needs what each of its parts needs."""
    return [
        caller.access(f"dynamodb:{PARTS[part]}", _table(caller, what["TableName"]))
        for item in request._get_param("TransactItems")
        for part, what in item.items()
    ]


def _tables(request: BaseResponse, caller: Caller) -> list[str]:
    batch = list(request._get_param("RequestItems") or {})
    single = request._get_param("TableName") or request._get_param("ResourceArn")
    names = [*batch, single] if single else batch
    index = request._get_param("IndexName")
    suffix = f"/index/{index}" if index else ""
    return [_table(caller, name) + suffix for name in names] or ["*"]


def _table(caller: Caller, name: str) -> str:
    return _arn(caller, "dynamodb", "table/", name)


def _repositories(request: BaseResponse, caller: Caller) -> list[str]:
    name = request._get_param("repositoryName")
    return [_arn(caller, "ecr", "repository/", name) if name else "*"]


def _log_groups(request: BaseResponse, caller: Caller) -> list[str]:
    group, stream = request._get_param("logGroupName"), request._get_param("logStreamName")
    tail = f"log-stream:{stream}" if stream else "*"
    return [_arn(caller, "logs", "log-group:", f"{group}:{tail}") if group else "*"]


def _assumed_role(request: BaseResponse, _: Caller) -> list[str]:
    return [request._get_param("RoleArn") or "*"]


def _arn(caller: Caller, service: str, kind: str, name: str) -> str:
    if name.startswith("arn:"):
        return name
    return f"arn:aws:{service}:{caller.region}:{caller.account_id}:{kind}{name}"


# The services whose resources are known; of the others, only the action is looked at.
RESOURCES: dict[str, Callable[[BaseResponse, Caller], list[str]]] = {
    "dynamodb": _tables,
    "ecr": _repositories,
    "logs": _log_groups,
    "sts": _assumed_role,
}
