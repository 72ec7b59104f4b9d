"""Adapts the Python of this machine to run the programs of an image.

Python imports this module before it runs the program of the container. The folder of an image has
the container's files in `rootfs/` and, in `python/`, the virtual environment with this module.
"""

import os
import site
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The files of an image must not change while its tasks run.
sys.dont_write_bytecode = True

for packages in sorted(Path(sys.prefix).parent.glob("rootfs/usr/local/lib/python3.*/site-packages")):
    site.addsitedir(str(packages))

# A container on Fargate has its own network interface and may listen on all addresses. The tasks on
# this machine share its interfaces, so each task has to listen on its own address.
SELF = {"", "0.0.0.0", "127.0.0.1", "localhost", "::", "::1"}


def give_own_address(task_host: str, task_port: int, container_port: int) -> None:
    """Makes the program listen at the task's address, and connect to that address for its own port."""

    def own(address: Any) -> Any:
        if not isinstance(address, tuple) or address[0] not in SELF:
            return address
        host = f"::ffff:{task_host}" if ":" in address[0] else task_host
        port = task_port if address[1] == container_port else address[1]
        return (host, port, *address[2:])

    def own_if_container_port(address: Any) -> Any:
        # Other ports on loopback belong to servers of this machine, such as the AWS APIs.
        return own(address) if isinstance(address, tuple) and address[1] == container_port else address

    def replace(name: str, changed: Callable[[Any], Any]) -> None:
        original = getattr(socket.socket, name)
        setattr(socket.socket, name, lambda self, address: original(self, changed(address)))

    replace("bind", own)
    replace("connect", own_if_container_port)
    replace("connect_ex", own_if_container_port)


if "LOCAL_AWS_LISTENER" in os.environ:
    host, port, container_port = os.environ["LOCAL_AWS_LISTENER"].split()
    give_own_address(host, int(port), int(container_port))
