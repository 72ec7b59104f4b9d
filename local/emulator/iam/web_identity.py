"""AssumeRoleWithWebIdentity: an unsigned call with a token of an identity provider of the account.

The token's issuer, audience, times and claims are checked. Its signature is not, because no
provider can be reached: anyone who can write JSON can make a token.
"""

import base64
import json
import time
from typing import Any

from moto.core.responses import BaseResponse
from moto.iam.access_control import PermissionResult
from moto.iam.models import iam_backends

from .policy import Access, decide
from .refusal import Refusal
from .trust import trust_policy

ACTION = "sts:AssumeRoleWithWebIdentity"


def check_web_identity(request: BaseResponse) -> None:
    """Raises Refusal when the token is not accepted, and for every other unsigned request."""
    if request.service_name != "sts" or request._get_action() != "AssumeRoleWithWebIdentity":
        raise Refusal("MissingAuthenticationToken", "The request is not signed.", 403)
    claims = _claims(_parameter(request, "WebIdentityToken"))
    if claims["exp"] <= time.time():
        raise Refusal("ExpiredTokenException", "Token must be valid at the time of use", 400)
    issuer = claims["iss"].removeprefix("https://")
    provider = f"arn:aws:iam::{request.current_account}:oidc-provider/{issuer}"
    _check_audience(request.current_account, provider, claims)
    role = _parameter(request, "RoleArn")
    texts = {claim: value for claim, value in claims.items() if isinstance(value, str)}
    context = {f"{issuer}:{claim}".lower(): value for claim, value in texts.items()}
    access = Access(ACTION, role, context, frozenset({provider}))
    if decide(trust_policy(role), access) != PermissionResult.PERMITTED:
        raise Refusal("AccessDenied", f"Not authorized to perform {ACTION}", 403)


def _parameter(request: BaseResponse, name: str) -> str:
    values = request.querystring.get(name)
    if values:
        return str(values[0])
    field = name[0].lower() + name[1:]
    message = f"1 validation error detected: Value null at '{field}' failed to satisfy constraint: Member must not be null"
    raise Refusal("ValidationError", message, 400)


def _claims(token: str) -> Any:
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        missing = {"aud", "exp", "iss", "sub"} - claims.keys()
    except (ValueError, AttributeError) as error:
        raise _invalid("The ID Token provided is not a valid JWT.") from error
    if missing:
        raise _invalid(f"Missing a required claim: {min(missing)}")
    return claims


def _check_audience(account_id: str, provider: str, claims: Any) -> None:
    providers = iam_backends[account_id]["aws"].open_id_providers
    if provider not in providers:
        raise _invalid(f"No OpenIDConnect provider found in your account for {claims['iss']}")
    if claims["aud"] not in providers[provider].client_id_list:
        raise _invalid("Incorrect token audience")


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidIdentityToken", message, 400)
