"""`python -m emulator`: the local AWS on a free port of 127.0.0.1.

Prints `listening on http://127.0.0.1:<port>` when ready, and ends when its standard input does, so
that it cannot outlive the process that started it, however that one ended.

MOTO_ACCOUNT_ID (12 digits) and AWS_REGION say which account and region it is.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

# Before moto is imported, which reads it then.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from .control import control

OVERLAYS = ("autoscaling", "cloudformation", "dynamodb", "ec2", "ecr", "ecs", "elbv2", "iam", "s3")

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def application() -> WsgiApp:
    moto = DomainDispatcherApplication(create_backend_app)

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # No bucket can be called so: S3 allows no underscore.
        ours = environ["PATH_INFO"].startswith("/_emulator/")
        return (control if ours else moto)(environ, start_response)

    return dispatch


def exit_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main() -> None:
    # Ctrl-C goes to the whole terminal: whoever started this one still needs it to clean up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in OVERLAYS:
        importlib.import_module(f"emulator.{name}")
    server = make_server("127.0.0.1", 0, application(), threaded=True)
    # moto calls itself on it.
    os.environ["MOTO_PORT"] = str(server.port)
    threading.Thread(target=exit_with_stdin, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
