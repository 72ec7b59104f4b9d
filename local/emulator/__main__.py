"""`python -m emulator` runs the local AWS on a free port of 127.0.0.1.

It prints `listening on http://127.0.0.1:<port>` when it is ready, and ends when its standard input
closes, so that it cannot outlive the process that started it, even if that process was killed.

MOTO_ACCOUNT_ID (12 digits) and AWS_REGION set the account and the region. ROOT_ACCESS_KEY_ID and
ROOT_SECRET_ACCESS_KEY are the access key of the account's root, and CONTROL_SECRET is the secret of
the control endpoint.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

# moto reads this variable when it is imported.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
# Without this, moto allows web pages of every origin to read its answers.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from .control import control, has_secret
from .iam.authentication import WsgiApp, authenticated
from .web_pages import refusal_of_page

OVERLAYS = ("autoscaling", "changes", "cloudformation", "dynamodb", "dynamodb_throughput", "ec2", "ecr", "ecs", "elbv2", "iam", "s3")

# Paths on which moto serves its own pages to everybody: resets, a dashboard, instance credentials.
MOTOS_OWN = ("/moto-api", "/latest/", "/favicon.ico")


class RequestHandler(WSGIRequestHandler):
    """Sends the head of a response together with its body.

    On a busy machine, the AWS SDK for Go sometimes closes a connection between the two and repeats
    the request (aws/aws-sdk-go-v2#2737). When it repeats the PutItem that takes Terraform's lock,
    the lock is already taken, and Terraform waits for its own lock.
    """

    wbufsize = -1  # Python's default buffer size; werkzeug's server does not buffer.


def application() -> WsgiApp:
    moto = DomainDispatcherApplication(create_backend_app)
    aws_apis = authenticated(moto)

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        refusal = refusal_of_page(environ)
        if refusal is not None:
            return Response(refusal, HTTPStatus.FORBIDDEN)(environ, start_response)
        path = environ["PATH_INFO"]
        if path.startswith(MOTOS_OWN):
            served = moto if has_secret(environ) else Response(status=HTTPStatus.UNAUTHORIZED)
            return served(environ, start_response)
        # No bucket can have this name, because S3 does not allow underscores.
        return (control if path.startswith("/_emulator/") else aws_apis)(environ, start_response)

    return dispatch


def exit_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main() -> None:
    # Ctrl-C is sent to all processes of the terminal, and the process that started this one still
    # needs it to clean up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in OVERLAYS:
        importlib.import_module(f"emulator.{name}")
    server = make_server("127.0.0.1", 0, application(), threaded=True, request_handler=RequestHandler)
    # moto calls its own server at this port.
    os.environ["MOTO_PORT"] = str(server.port)
    threading.Thread(target=exit_with_stdin, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
