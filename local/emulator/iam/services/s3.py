"""S3: buckets and objects. moto confuses some requests, such as setting the encryption of a bucket.
"""

from collections.abc import Iterator
from typing import Any

from flask import request as http
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response

from ..caller import Caller
from ..policy import Access, Context
from .kms import use_of_key

# The names in actions of a bucket's sub-resources that Get… reads and Put… writes.
CONFIGURATIONS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
# Deleting any other sub-resource needs the permission to write it.
DELETED = {"policy", "website"}
READS = {"GetObject", "GetObjectVersion"}


def action_of(request: S3Response, bucket: str | None, key: str | None) -> str:
    """The action without the prefix `s3:`."""
    # moto's name is right for all requests for objects.
    name = request.data["Action"]
    name = name[0] if isinstance(name, list) else name
    if key is not None or bucket is None:
        return "DeleteObjectTagging" if _deletes_tags(request) else name
    configuration = next((part for part in CONFIGURATIONS if part in http.args), None)
    if configuration:
        verb = {"GET": "Get", "HEAD": "Get"}.get(request.method, "Put")
        if request.method == "DELETE" and configuration in DELETED:
            verb = "Delete"
        return verb + CONFIGURATIONS[configuration]
    return "ListBucket" if name == "HeadBucket" else name


def _deletes_tags(request: S3Response) -> bool:
    return request.method == "DELETE" and "tagging" in http.args


def accesses(
    request: S3Response, caller: Caller, bucket: str | None, key: str | None
) -> Iterator[Access]:
    action = action_of(request, bucket, key)
    yield caller.access(f"s3:{action}", _arn(bucket, key), _listing(action))
    if bucket is None or key is None or caller.is_root:
        return
    found = request.backend.buckets.get(bucket)
    if action in READS and found is not None:
        stored = request.backend.get_object(bucket, key, version_id=http.args.get("versionId"))
        if not isinstance(stored, FakeKey):
            # S3 answers that an object does not exist only to callers who may list the bucket.
            yield caller.access("s3:ListBucket", _arn(bucket, None))
        elif request.method == "GET" and _is_kms(stored.encryption) and stored.kms_key_id:
            yield _use_of_key(caller, "kms:Decrypt", stored.kms_key_id, found, key)
    if action == "PutObject" and found is not None:
        encryption = _encryption(request, found)
        if encryption:
            yield _use_of_key(caller, "kms:GenerateDataKey", encryption, found, key)


def _arn(bucket: str | None, key: str | None) -> str:
    if bucket is None:
        return "*"
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"


def _listing(action: str) -> Context:
    prefix = http.args.get("prefix") if action.startswith("ListBucket") else None
    return {} if prefix is None else {"s3:prefix": prefix}


def _encryption(request: S3Response, bucket: Any) -> str | None:
    """The KMS key that encrypts an object. None for AWS's own key, which everybody may use."""
    algorithm = request.headers.get("x-amz-server-side-encryption")
    key = request.headers.get("x-amz-server-side-encryption-aws-kms-key-id")
    rule = (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    if algorithm is None:
        algorithm = rule.get("SSEAlgorithm")
    return key or rule.get("KMSMasterKeyID") if _is_kms(algorithm) else None


def _is_kms(algorithm: str | None) -> bool:
    return (algorithm or "").startswith("aws:kms")


def _use_of_key(caller: Caller, action: str, id: str, bucket: Any, key: str) -> Access:
    rule = (bucket.encryption or {}).get("Rule", {})
    # With a bucket key, KMS gets only the bucket's ARN as the encryption context.
    has_bucket_key = str(rule.get("BucketKeyEnabled", "")).lower() == "true"
    arn = _arn(bucket.name, None if has_bucket_key else key)
    return use_of_key(caller, action, id, {"kms:encryptioncontext:aws:s3:arn": arn})
