"""Gap: moto serves every request, regardless of its signature.

Here each request to an AWS API needs the signature of an existing key: the account's root key, a
user's key, or the key and token of a session of a role. Only the action that AWS accepts without a
signature needs none: `sts:AssumeRoleWithWebIdentity`. Its token is checked instead.
"""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.iam.access_control import CreateAccessKeyFailure
from werkzeug.datastructures import EnvironHeaders

from .caller import secret_of
from .signature import Signature, is_signed_with, read_body, signature_of

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

UNSIGNED_ACTIONS = ["AssumeRoleWithWebIdentity"]

# AWS's error codes, which differ between its protocols.
NOT_SIGNED = {
    "json": "MissingAuthenticationTokenException",
    "query": "MissingAuthenticationToken",
    "ec2": "MissingAuthenticationToken",
    "s3": "AccessDenied",
}
UNKNOWN_KEY = {
    "json": "UnrecognizedClientException",
    "query": "InvalidClientTokenId",
    "ec2": "AuthFailure",
    "s3": "InvalidAccessKeyId",
}
WRONG_SIGNATURE = {
    "json": "InvalidSignatureException",
    "query": "SignatureDoesNotMatch",
    "ec2": "AuthFailure",
    "s3": "SignatureDoesNotMatch",
}


def authenticated(application: WsgiApp) -> WsgiApp:
    """Passes only authenticated requests to the application."""

    def authenticate(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        refusal = _refusal(environ)
        if refusal is None:
            return application(environ, start_response)
        protocol, codes, message = refusal
        return _answer(start_response, protocol, codes[protocol], message)

    return authenticate


def _refusal(environ: dict[str, Any]) -> tuple[str, dict[str, str], str] | None:
    signature = signature_of(environ.get("HTTP_AUTHORIZATION", ""))
    protocol = _protocol(environ, signature)
    if signature is None:
        # moto reads the service from an Authorization header of any form, so the header must be
        # absent.
        is_unsigned = "HTTP_AUTHORIZATION" not in environ
        if is_unsigned and protocol == "query" and _actions(environ) == UNSIGNED_ACTIONS:
            return None
        return protocol, NOT_SIGNED, "The request has no signature of AWS Signature Version 4."
    try:
        secret = secret_of(signature.access_key_id, EnvironHeaders(environ))
    except CreateAccessKeyFailure:
        return protocol, UNKNOWN_KEY, "The security token included in the request is invalid."
    if not is_signed_with(secret, signature, environ):
        message = "The request signature we calculated does not match the signature you provided."
        return protocol, WRONG_SIGNATURE, message
    return None


def _protocol(environ: dict[str, Any], signature: Signature | None) -> str:
    if "HTTP_X_AMZ_TARGET" in environ:
        return "json"
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return "ec2" if signature is not None and signature.service == "ec2" else "query"
    # Without a signature, a request to S3 looks like one to a service that uses JSON with paths.
    return "s3" if signature is None or signature.service == "s3" else "json"


def _actions(environ: dict[str, Any]) -> list[str]:
    """All actions that the body names, because moto might use another one than the first."""
    return parse_qs(read_body(environ).decode(errors="replace")).get("Action", [])


def _answer(start_response: Any, protocol: str, code: str, message: str) -> list[bytes]:
    status = HTTPStatus.BAD_REQUEST if protocol == "json" else HTTPStatus.FORBIDDEN
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    body = {
        "json": json.dumps({"__type": code, "message": message}),
        "query": f"<ErrorResponse><Error>{error}</Error></ErrorResponse>",
        "ec2": f"<Response><Errors><Error>{error}</Error></Errors></Response>",
        "s3": f"<Error>{error}</Error>",
    }[protocol]
    content_type = "application/x-amz-json-1.1" if protocol == "json" else "text/xml"
    headers = [("Content-Type", content_type), ("X-Amzn-ErrorType", code)]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body.encode()]
