"""S3: buckets and objects. moto takes some requests for others, as an encryption for a bucket."""

from collections.abc import Iterator
from typing import Any

from flask import request as http
from moto.s3.models import FakeKey
from moto.s3.responses import S3Response

from ..caller import Caller
from ..policy import Access, Context
from .kms import use_of_key

# What a bucket's sub-resource is called in actions, if read by Get… and written by Put….
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
# The rest are put empty, as far as permissions go.
DELETED = {"policy", "website"}
READS = {"GetObject", "GetObjectVersion"}


def action_of(request: S3Response, bucket: str | None, key: str | None) -> str:
    """Without `s3:`."""
    # moto's name: right for all that is done with objects.
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
            # Only who may list the bucket is told that there is no such object.
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
    """The key that an object is to be encrypted with. AWS's own lets everybody use it."""
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
    # With a bucket key, KMS sees the bucket only.
    has_bucket_key = str(rule.get("BucketKeyEnabled", "")).lower() == "true"
    arn = _arn(bucket.name, None if has_bucket_key else key)
    return use_of_key(caller, action, id, {"kms:encryptioncontext:aws:s3:arn": arn})
