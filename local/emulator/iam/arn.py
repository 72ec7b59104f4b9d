"""The parts of an ARN."""

from typing import NamedTuple


class Arn(NamedTuple):
    service: str
    region: str
    account_id: str
    # The last part, such as `cluster/main`.
    resource: str


def parse_arn(text: str | None) -> Arn | None:
    """The parts of an ARN, or None when the text is not an ARN, such as `*`."""
    match (text or "").split(":", 5):
        case ["arn", _, service, region, account_id, resource]:
            return Arn(service, region, account_id, resource)
    return None
