"""The control endpoint: where what really runs reports to, on the same port as the AWS services.

AWS's own data plane does this behind the API; no AWS client can tell it such things. It also serves
the bytes that an API answers a URL for, which on AWS is another service's.
"""

import json
import os
import traceback
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

Report = dict[str, Any]
Receiver = Callable[[Report], Report | None]
Source = Callable[[str], bytes | None]

_RECEIVERS: dict[str, Receiver] = {}
_SOURCES: dict[str, Source] = {}


def here(backends: Any) -> Any:
    """The backend of one of moto's services in this account and region."""
    return backends[os.environ["MOTO_ACCOUNT_ID"]][os.environ["AWS_REGION"]]


def receives(path: str) -> Callable[[Receiver], Receiver]:
    """Hands the JSON of each `POST <path>` to the decorated function. Answers what that returns."""

    def decorate(receiver: Receiver) -> Receiver:
        _RECEIVERS[path] = receiver
        return receiver

    return decorate


def serves(prefix: str) -> Callable[[Source], Source]:
    """Answers each `GET <prefix><name>` with the bytes that the decorated function has of the name."""

    def decorate(source: Source) -> Source:
        _SOURCES[prefix] = source
        return source

    return decorate


@Request.application
def control(request: Request) -> Response:
    """Answers 200 with what the receiver returns, or `{}`; 400 with what is wrong with the report;
    404 for a path that is none."""
    if request.method == "GET":
        return _bytes(request.path)
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
