"""Trust policies: which principals may assume a role."""

import json

from moto.iam.access_control import PermissionResult
from moto.iam.models import iam_backends

from .accesses import not_allowed_by, refusal, refusal_of, remember
from .arn import parse_arn
from .caller import Caller
from .policy import Access, Context, Statement, decide, statements


def refusal_to_assume(caller: Caller, access: Access) -> str | None:
    """None when the caller may assume the role, and otherwise AWS's message.

    Within one account, a trust policy that names the caller is enough. When it names the account,
    an identity policy of the caller must allow the action too.
    """
    trust = trust_policy(access.resource)
    of_caller = decide(trust, access)
    of_account = decide(trust, _as_account(caller, access))
    if PermissionResult.DENIED not in (of_caller, of_account):
        if of_caller == PermissionResult.PERMITTED:
            return refusal_of(caller, access, trust)
        if of_account == PermissionResult.PERMITTED:
            return refusal_of(caller, access)
    remember(caller, access, allowed=False)
    return refusal(caller, access, not_allowed_by("role trust policy", access))


def trusts_service(role_arn: str, service: str, context: Context) -> bool:
    """Whether the role's trust policy lets an AWS service, such as `ecs-tasks.amazonaws.com`, assume it."""
    access = Access("sts:AssumeRole", role_arn, context, frozenset({service}))
    return decide(trust_policy(role_arn), access) == PermissionResult.PERMITTED


def trust_policy(arn: str | None) -> list[Statement]:
    """The statements of a role's trust policy. They are empty when the role does not exist."""
    parsed = parse_arn(arn)
    roles = list(iam_backends[parsed.account_id]["aws"].roles.values()) if parsed else []
    documents = (role.assume_role_policy_document for role in roles if role.arn == arn)
    document = next(documents, None)
    return statements(json.loads(document)) if document else []


def _as_account(caller: Caller, access: Access) -> Access:
    return Access(access.action, access.resource, access.context, caller.account_principals)
