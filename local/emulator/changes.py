"""Tells the task runner and the load balancer that something has changed, so that they need not read
everything again four times a second.

`POST /_emulator/changes` with the last known count answers with the current one: at once if the two
differ, otherwise after the next change, or after 10 s at the latest.

{"after": 17} is answered by {"count": 18}

A change is a call that writes to one of the services below, whether it succeeds or not, and each
report of the task runner and of the load balancer. It is counted after it was served, so that
whoever learns of it reads its result.
"""

import threading
from typing import Any

from moto.core.responses import BaseResponse

from .control import Report, receives
from .override import override

SERVICES = ("cloudformation", "ec2", "ecs", "elbv2", "servicediscovery")
READS = ("Describe", "Get", "List")
LONGEST_WAIT_SECONDS = 10

_changed = threading.Condition()
_count = 0


def count_change() -> None:
    global _count
    with _changed:
        _count += 1
        _changed.notify_all()


@receives("/_emulator/changes")
def wait_for_change(report: Report) -> Report:
    with _changed:
        _changed.wait_for(lambda: _count != report["after"], LONGEST_WAIT_SECONDS)
        return {"count": _count}


@override(BaseResponse)
def call_action(original: Any, self: BaseResponse) -> Any:
    try:
        return original(self)
    finally:
        if self.service_name in SERVICES and not self._get_action().startswith(READS):
            count_change()
