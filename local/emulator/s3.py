"""Gaps in S3.

1. moto ignores the Conditions of bucket policies, so that a TLS-only Deny blocks everything. Here
   policies are evaluated completely, together with the caller's identity policies: within one
   account, an Allow in either is enough, and a Deny in either is final.
2. Objects that are encrypted with a key can be read and written without permission to use the key.
3. Two concurrent `If-None-Match: *` can both find no object, so that two clients hold the same lock
   file. Here one object is written at a time.
"""

import json
import threading
from typing import Any

from flask import request
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from .iam.accesses import refusal_of
from .iam.caller import caller_of
from .iam.policy import Statement, statements
from .iam.services.s3 import accesses
from .override import override

_one_at_a_time = threading.RLock()


@override(S3Response)
def put_object(original: Any, self: S3Response) -> Any:
    with _one_at_a_time:
        return original(self)


@override(S3Response)
def _authenticate_and_authorize_s3_action(
    _: Any, self: S3Response, bucket_name: str | None = None, key_name: str | None = None
) -> None:
    caller = caller_of(self.headers, self.current_account)
    if caller is None:
        raise S3ClientError("AccessDenied", "Anonymous requests are not served.")
    if _deletes_many(self, key_name):
        return
    bucket = self.backend.buckets.get(bucket_name) if bucket_name else None
    policy = _policy(bucket) if bucket else []
    for access in accesses(self, caller, bucket_name, key_name):
        refusal = refusal_of(caller, access, policy if access.action.startswith("s3:") else [])
        if refusal:
            raise S3ClientError("AccessDenied", refusal)


def _deletes_many(response: S3Response, key_name: str | None) -> bool:
    """Whether this is a DeleteObjects call. Its body contains the keys, and `get_permission`
    decides on each.
    """
    return key_name is None and response.method == "POST" and "delete" in response.querystring


@override(FakeBucket)
def get_permission(_: Any, self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """Decides on one key of a DeleteObjects call. moto calls this for each key in the body."""
    caller = caller_of(request.headers, self.account_id)
    if caller is not None and "delete" in request.args:
        refusal = refusal_of(caller, caller.access(action, resource), _policy(self))
        return PermissionResult.DENIED if refusal else PermissionResult.PERMITTED
    # All other calls were decided above, where a refusal gives an XML error.
    return PermissionResult.NEUTRAL


def _policy(bucket: FakeBucket) -> list[Statement]:
    return statements(json.loads(bucket.policy)) if bucket.policy else []
