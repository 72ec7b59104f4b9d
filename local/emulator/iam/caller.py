"""The principal that signed a request, and its policies."""

import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from moto.iam.access_control import AssumedRoleAccessKey, create_access_key
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Policy, iam_backends

from .policy import Access, Context, Statement, statements
from .signature import signature_of
from .source_vpc import source_vpc

# The key of the account's root, which is made at each start.
ROOT_KEY_ID = os.environ["ROOT_ACCESS_KEY_ID"]
ROOT_SECRET = os.environ["ROOT_SECRET_ACCESS_KEY"]
ALLOW_ALL: Statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass(frozen=True)
class Caller:
    account_id: str
    region: str
    # The service's name in the signature, such as `dynamodb`.
    service: str
    # The ARN of the user, or of the role's session.
    arn: str
    # The ARN of the user, or of the role.
    principal_arn: str
    # The statements of all identity policies.
    policy: list[Statement]
    # The statements of the permissions boundary, or None when there is no boundary.
    boundary: list[Statement] | None = None
    # The condition key `aws:SourceVpc`, which only the session of a task has.
    source: Context = field(default_factory=dict)

    @property
    def is_root(self) -> bool:
        return self.arn == _root(self.account_id)

    @property
    def account_principals(self) -> frozenset[str]:
        """The names of the account in a resource's policy. They leave the decision to identity
        policies.
        """
        return frozenset({_root(self.account_id), self.account_id})

    def access(self, action: str, resource: str | None, context: Context | None = None) -> Access:
        return Access(
            action,
            resource,
            {
                "aws:principalaccount": self.account_id,
                "aws:principalarn": self.principal_arn,
                "aws:requestedregion": self.region,
                # HTTP on the loopback interface counts as TLS, because no other machine can read
                # it.
                "aws:securetransport": "true",
                **self.source,
                **(context or {}),
            },
            frozenset({self.arn, self.principal_arn}),
        )


def secret_of(access_key_id: str, headers: Any) -> str:
    """The secret of a key. Raises CreateAccessKeyFailure for an unknown key or session."""
    if access_key_id == ROOT_KEY_ID:
        return ROOT_SECRET
    key = create_access_key(os.environ["MOTO_ACCOUNT_ID"], "aws", access_key_id, headers)
    secret: str = key._secret_access_key
    return secret


def caller_of(headers: Any, account_id: str) -> Caller | None:
    """The principal that signed the request, or None when the request is not signed. The signature
    has already been checked, so the key exists.
    """
    signature = signature_of(headers.get("Authorization", ""))
    if signature is None:
        return None
    region, service = signature.region, signature.service
    if signature.access_key_id == ROOT_KEY_ID:
        root = _root(account_id)
        return Caller(account_id, region, service, root, root, [ALLOW_ALL])
    key = create_access_key(account_id, "aws", signature.access_key_id, headers)
    role = _role_of(key)
    principal_arn = role.arn if role else key.arn
    boundary = _boundary_of(role) if role else None
    source = source_vpc(signature.access_key_id)
    policy = _policy_of(key)
    return Caller(account_id, region, service, key.arn, principal_arn, policy, boundary, source)


def _root(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:root"


def _role_of(key: Any) -> Any:
    """The role of a session, or None for a user and for a role that was deleted after it had been
    assumed.
    """
    if not isinstance(key, AssumedRoleAccessKey):
        return None
    roles = list(iam_backends[key.account_id]["aws"].roles.values())
    return next((role for role in roles if role.name == key._owner_role_name), None)


def _policy_of(key: Any) -> list[Statement]:
    try:
        policies = key.collect_policies()
    except NotFoundException:
        return []
    return [statement for policy in policies for statement in _statements(_document(policy))]


def _boundary_of(role: Any) -> list[Statement] | None:
    arn = role.permissions_boundary_arn
    if not arn:
        return None
    policy = iam_backends[role.account_id]["aws"].managed_policies.get(arn)
    # A deleted boundary allows nothing.
    return _statements(_document(policy)) if policy else []


def _document(policy: Any) -> str:
    if isinstance(policy, Policy):
        return next(version.document for version in policy.versions if version.is_default)
    return policy if isinstance(policy, str) else policy["policy_document"]


# Every request evaluates the same few documents.
@lru_cache(maxsize=1024)
def _statements(document: str) -> list[Statement]:
    return statements(json.loads(document))
