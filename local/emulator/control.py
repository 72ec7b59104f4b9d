"""The control endpoint, to which the task runner and the load balancer report. It has the same port
as the AWS services.

On AWS, the data plane does this behind the API, so AWS's APIs have no action for it. A report needs
the secret of this local AWS (`Authorization: Bearer <CONTROL_SECRET>`) and a body whose
Content-Type is JSON.

The endpoint also serves the bytes for which an API returns a URL. On AWS another service does that.
Such a URL cannot be guessed and itself grants the permission, so it needs no secret.
"""

import hmac
import json
import os
import traceback
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

Report = dict[str, Any]
Receiver = Callable[[Report], Report | None]
Source = Callable[[str], bytes | None]

_EXPECTED = f"Bearer {os.environ['CONTROL_SECRET']}".encode()

_RECEIVERS: dict[str, Receiver] = {}
_SOURCES: dict[str, Source] = {}


def here(backends: Any) -> Any:
    """The backend of one of moto's services for this account and region."""
    return backends[os.environ["MOTO_ACCOUNT_ID"]][os.environ["AWS_REGION"]]


def receives(path: str) -> Callable[[Receiver], Receiver]:
    """Passes the JSON of each `POST <path>` to the decorated function and answers with its result.
    """

    def decorate(receiver: Receiver) -> Receiver:
        _RECEIVERS[path] = receiver
        return receiver

    return decorate


def serves(prefix: str) -> Callable[[Source], Source]:
    """Answers each `GET <prefix><name>` with the bytes that the decorated function returns for the
    name.
    """

    def decorate(source: Source) -> Source:
        _SOURCES[prefix] = source
        return source

    return decorate


def has_secret(environ: dict[str, Any]) -> bool:
    return hmac.compare_digest(environ.get("HTTP_AUTHORIZATION", "").encode(), _EXPECTED)


@Request.application
def control(request: Request) -> Response:
    """Answers a report: 200 with the result of the receiver, or `{}`; 400 when the report is wrong;
    401 without the secret; 404 for an unknown path; 415 for a body that is not JSON.
    """
    if request.method == "GET":
        return _bytes(request.path)
    if not has_secret(request.environ):
        return _answer(401, {"message": "Authorization is missing or wrong, expected Bearer <CONTROL_SECRET>"})
    if not request.is_json:
        message = f"Content-Type is {request.content_type!r}, expected 'application/json'"
        return _answer(415, {"message": message})
    receiver = _RECEIVERS.get(request.path)
    if receiver is None:
        return _answer(404, {"message": f"no such path: {request.path}"})
    try:
        answer = receiver(json.loads(request.get_data()))
    except Exception as error:
        traceback.print_exc()
        return _answer(400, {"message": f"{type(error).__name__}: {error}"})
    return _answer(200, answer or {})


def _bytes(path: str) -> Response:
    for prefix, source in _SOURCES.items():
        content = source(path.removeprefix(prefix)) if path.startswith(prefix) else None
        if content is not None:
            return Response(content, content_type="application/octet-stream")
    return _answer(404, {"message": f"no such path: {path}"})


def _answer(status: int, body: Report) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
