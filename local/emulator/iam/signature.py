"""Checks the signature of a request: AWS Signature Version 4 in the `Authorization` header.

botocore computes the signature that the request should have from the secret of its access key. The
hash of the body in the request (`X-Amz-Content-SHA256`) is part of the signature and is not
compared with the body. Presigned URLs are not supported, because nothing in this project uses them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hmac
import io
import re
from dataclasses import dataclass
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/]+)"
    r"/(?P<service>[^/]+)/aws4_request,\s*SignedHeaders=(?P<headers>[^,\s]+)"
    r",\s*Signature=(?P<signature>[0-9a-f]+)"
)


@dataclass(frozen=True)
class Signature:
    """The content of the `Authorization` header."""

    access_key_id: str
    region: str
    # The signing name of the service, such as `dynamodb` or `s3`.
    service: str
    signed_headers: tuple[str, ...]
    value: str


def signature_of(authorization: str) -> Signature | None:
    """The parsed header, or None when it is not a signature of Version 4."""
    match = _AUTHORIZATION.fullmatch(authorization)
    if match is None:
        return None
    return Signature(
        match["key"],
        match["region"],
        match["service"],
        tuple(match["headers"].split(";")),
        match["signature"],
    )


def is_signed_with(secret: str, signature: Signature, environ: dict[str, Any]) -> bool:
    """Whether a WSGI request has the signature that results from this secret."""
    kind = S3SigV4Auth if signature.service == "s3" else SigV4Auth
    auth = kind(Credentials(signature.access_key_id, secret), signature.service, signature.region)
    request = _request(signature, environ)
    string_to_sign = auth.string_to_sign(request, auth.canonical_request(request))
    return hmac.compare_digest(auth.signature(string_to_sign, request), signature.value)


def _request(signature: Signature, environ: dict[str, Any]) -> AWSRequest:
    headers = {name: _header(environ, name) for name in signature.signed_headers}
    given_hash = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if given_hash is not None:
        headers["x-amz-content-sha256"] = given_hash
    request = AWSRequest(
        method=environ["REQUEST_METHOD"],
        # The URL must be the one that was sent, because the signature includes the encoding of its
        # path and query.
        url=f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}",
        headers=headers,
        data=b"" if given_hash is not None else read_body(environ),
    )
    request.context["timestamp"] = environ.get("HTTP_X_AMZ_DATE", "")
    return request


def _header(environ: dict[str, Any], name: str) -> str:
    variable = name.upper().replace("-", "_")
    in_wsgi = variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}"
    return str(environ.get(in_wsgi, ""))


def read_body(environ: dict[str, Any]) -> bytes:
    """Reads the body and puts it back, so that it can be read again."""
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body
