"""The answer to a call that is not allowed."""

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse


class Refusal(ServiceException):
    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(code, message)
        self.status = status

    @classmethod
    def of(cls, request: BaseResponse, codes: dict[str, str], message: str) -> "Refusal":
        """`codes` are AWS's error codes, which differ between its protocols."""
        is_json = "X-Amz-Target" in request.headers
        protocol = "json" if is_json else "ec2" if request.service_name == "ec2" else "query"
        return cls(codes[protocol], message, 400 if is_json else 403)

    def answer(self, request: BaseResponse) -> tuple[int, dict[str, str], str | bytes]:
        _, headers, body = request.serialized(ActionResult(self))
        return self.status, {**headers, "status": str(self.status)}, body
