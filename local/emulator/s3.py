"""Gaps in S3.

1. moto ignores the Conditions of bucket policies, so that a TLS-only Deny blocks everything. Here
   they are evaluated whole, and together with the caller's identity policies: within one account,
   an Allow in either is enough, and a Deny in either is final.
2. Two concurrent `If-None-Match: *` can both find nothing there, so that two hold the same lock
   file. Here one object is put at a time.
"""

import json
import threading
from typing import Any

from flask import request
from moto.iam.access_control import CreateAccessKeyFailure, PermissionResult
from moto.s3.exceptions import S3AccessDeniedError, S3InvalidAccessKeyIdError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from .accesses import record
from .iam import caller_of
from .override import override
from .policy import Access, Statement, decide, statements

# AWS's names for what moto calls otherwise.
ACTIONS = {"HeadBucket": "ListBucket"}

_one_at_a_time = threading.RLock()


@override(S3Response)
def put_object(original: Any, self: S3Response) -> Any:
    with _one_at_a_time:
        return original(self)


@override(S3Response)
def _authenticate_and_authorize_s3_action(
    _: Any, self: S3Response, bucket_name: str | None = None, key_name: str | None = None
) -> None:
    try:
        caller = caller_of(self.headers, self.current_account)
    except CreateAccessKeyFailure as failure:
        raise S3InvalidAccessKeyIdError() from failure
    if caller is None:
        return
    name = self.data["Action"][0] if isinstance(self.data["Action"], list) else self.data["Action"]
    access = caller.access(f"s3:{ACTIONS.get(name, name)}", _resource(name, bucket_name, key_name))
    bucket = self.backend.buckets.get(bucket_name) if bucket_name else None
    policy = [*caller.policy, *(_policy(bucket) if bucket else [])]
    allowed = decide(policy, access) == PermissionResult.PERMITTED
    if not caller.is_root:
        record(caller.principal_arn, access.action, access.resource or "*", allowed)
    if not allowed:
        raise S3AccessDeniedError()


def _resource(action: str, bucket: str | None, key: str | None) -> str:
    if bucket is None:
        return "*"
    if action == "DeleteObject" and not key:
        # DeleteObjects, whose keys are in the body; the bucket's policy is asked of each below.
        key = "*"
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"


@override(FakeBucket)
def get_permission(_: Any, self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What the bucket's policy alone says: to somebody unknown, or of a key of DeleteObjects."""
    caller = caller_of(request.headers, self.account_id)
    if caller is None:
        return decide(_policy(self), _anonymous(action, resource))
    if "delete" in request.args:
        return decide(_policy(self), caller.access(action, resource))
    # It is decided above, where a refusal says so in XML.
    return PermissionResult.NEUTRAL


def _anonymous(action: str, resource: str) -> Access:
    return Access(action, resource, {"aws:securetransport": "true"})


def _policy(bucket: FakeBucket) -> list[Statement]:
    return statements(json.loads(bucket.policy)) if bucket.policy else []
