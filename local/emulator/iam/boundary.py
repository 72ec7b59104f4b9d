"""Gap: moto accepts a permissions boundary that does not exist."""

from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, Role, iam_backends

from ..override import override


@override(Role)
def __init__(original: Any, self: Role, *args: Any, **kwargs: Any) -> None:
    _check(kwargs["account_id"], kwargs["permissions_boundary"])
    original(self, *args, **kwargs)


@override(IAMBackend)
def put_role_permissions_boundary(
    original: Any, self: IAMBackend, role_name: str, permissions_boundary: str
) -> None:
    _check(self.account_id, permissions_boundary)
    original(self, role_name, permissions_boundary)


def _check(account_id: str, arn: str | None) -> None:
    # CloudFormation passes "" when there is no boundary.
    if arn and arn not in iam_backends[account_id]["aws"].managed_policies:
        raise NotFoundException(f"Scope ARN: {arn} does not exist or is not attachable.")
