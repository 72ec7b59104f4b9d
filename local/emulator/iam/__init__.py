"""Gap: moto lets everybody do everything.

Here a call that is signed with a user's or an assumed role's key needs, for each action that AWS
asks for and on each resource that it asks it on, an Allow and no Deny: in the identity policies of
that user or role, managed or inline, and in the role's permissions boundary. To assume a role takes
its trust policy besides. The root key, which is made at each start, is the account's root, and ECS
besides: it may do everything, and assumes task roles. S3 has its own file, for its bucket policies.

`services/` says what each service's calls need, as the service authorization reference does:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html. Of a service that
is not there, only the action is looked at.

`authentication.py` has checked before that the request is signed with that key. Session policies,
the boundaries of users, service control policies and the policies of keys are not evaluated.
"""

from typing import Any

from moto.core.responses import BaseResponse

from ..override import override
from . import boundary
from .accesses import refusal_of
from .call import call_of
from .caller import Caller, caller_of
from .policy import Access
from .refusal import Refusal
from .services import accesses_of
from .trust import refusal_to_assume
from .web_identity import check_web_identity

__all__ = ["boundary", "caller_of"]

DENIED = {"json": "AccessDeniedException", "query": "AccessDenied", "ec2": "UnauthorizedOperation"}


@override(BaseResponse)
def call_action(original: Any, self: BaseResponse) -> Any:
    try:
        _authorize(self)
    except Refusal as refusal:
        return refusal.answer(self)
    return original(self)


def _authorize(request: BaseResponse) -> None:
    caller = caller_of(request.headers, request.current_account)
    if caller is None:
        check_web_identity(request)
    elif not caller.is_root:
        for access in accesses_of(call_of(request, caller)):
            refusal = _refusal(caller, access)
            if refusal:
                raise Refusal.of(request, DENIED, refusal)


def _refusal(caller: Caller, access: Access) -> str | None:
    if access.action == "sts:AssumeRole":
        return refusal_to_assume(caller, access)
    return refusal_of(caller, access)
