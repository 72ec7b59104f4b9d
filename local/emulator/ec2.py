"""Gap: moto drops the descriptions of security group rules, unless they name an address range.

The AWS provider then plans to write them again each time.
"""

import inspect
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from .override import override

_signature = inspect.signature(SecurityGroupRule.__init__)


@override(SecurityGroupRule)
def __init__(original: Any, self: SecurityGroupRule, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    given = _signature.bind(self, *args, **kwargs).arguments
    for peer in (given.get("source_group"), given.get("prefix_list_id")):
        if peer and "Description" in peer:
            # moto reads and writes the description only here.
            self.ip_range = {"Description": peer["Description"]}
