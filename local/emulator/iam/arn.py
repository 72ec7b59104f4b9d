"""The parts of an ARN."""

from typing import NamedTuple


class Arn(NamedTuple):
    service: str
    region: str
    account_id: str
    # As `cluster/main`.
    resource: str


def parse_arn(text: str | None) -> Arn | None:
    """None for what is none, as `*`."""
    match (text or "").split(":", 5):
        case ["arn", _, service, region, account_id, resource]:
            return Arn(service, region, account_id, resource)
    return None
