"""Gap: moto allows every call.

Here a call that is signed with the key of a user or of an assumed role is allowed for each action
and resource that AWS checks, if an Allow and no Deny matches: in the identity policies of the user
or role, managed or inline, and in the role's permissions boundary. Assuming a role also requires
its trust policy. The root key, which is made at each start, belongs to the account's root: it
may do everything. S3 has a file of its own because of its bucket policies.

`services/` defines the required permissions of each service's calls, as the service authorization
reference lists them:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html. For a service
without a file there, only the action is checked.

`authentication.py` has already checked that the request is signed with that key. Session policies,
boundaries of users, service control policies and key policies are not evaluated.
"""

from typing import Any

from moto.core.responses import BaseResponse

from ..override import override
from . import boundary, task_roles
from .accesses import refusal_of
from .call import call_of
from .caller import Caller, caller_of
from .policy import Access
from .refusal import Refusal
from .services import accesses_of
from .trust import refusal_to_assume
from .web_identity import check_web_identity

__all__ = ["boundary", "caller_of", "task_roles"]

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
