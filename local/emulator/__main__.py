"""`python -m emulator`: the local AWS on a free port of 127.0.0.1.

Prints `listening on http://127.0.0.1:<port>` when ready, and ends when its standard input does, so
that it cannot outlive the process that started it, however that one ended.

MOTO_ACCOUNT_ID (12 digits) and AWS_REGION say which account and region it is. ROOT_ACCESS_KEY_ID and
ROOT_SECRET_ACCESS_KEY are the key of the account's root, CONTROL_SECRET that of the control endpoint.
"""

import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

# Before moto is imported, which reads it then.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
# Its answers to web pages of every origin.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from .control import control, has_secret
from .iam.authentication import WsgiApp, authenticated
from .web_pages import refusal_of_page

OVERLAYS = ("autoscaling", "cloudformation", "dynamodb", "dynamodb_throughput", "ec2", "ecr", "ecs", "elbv2", "iam", "s3")

# What moto serves beside the AWS APIs to everybody: resets, a dashboard, instance credentials.
MOTOS_OWN = ("/moto-api", "/latest/", "/favicon.ico")


class RequestHandler(WSGIRequestHandler):
    """Sends the head of a response together with its body.

    On a busy machine, the AWS SDK for Go sometimes closes a connection between the two and repeats the
    request (aws/aws-sdk-go-v2#2737). When it repeats the PutItem that takes Terraform's lock, the lock is
    taken already, and Terraform waits for itself.
    """

    wbufsize = -1  # A buffer of Python's default size; werkzeug has none.


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
        # No bucket can be called so: S3 allows no underscore.
        return (control if path.startswith("/_emulator/") else aws_apis)(environ, start_response)

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
    server = make_server("127.0.0.1", 0, application(), threaded=True, request_handler=RequestHandler)
    # moto calls itself on it.
    os.environ["MOTO_PORT"] = str(server.port)
    threading.Thread(target=exit_with_stdin, daemon=True).start()
    print(f"listening on http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
