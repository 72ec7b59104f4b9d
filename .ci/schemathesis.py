"""Restrictions that an OpenAPI document cannot express, so that Schemathesis generates no such
requests.

The document allows these requests, and the API is right to reject them with 400.
"""

from typing import Any

import schemathesis


@schemathesis.hook
def filter_case(_: Any, case: Any) -> bool:
    """Skips these valid requests for lists. Intentionally invalid requests are kept."""
    mode = case.meta.generation.mode if case.meta else None
    if mode is None or not mode.is_positive or case.operation.label != "GET /items":
        return True
    query = case.query or {}
    # A cursor is opaque, and only the API can make one. With a sku there is no list to limit.
    return "cursor" not in query and not {"sku", "maxQuantity"} <= query.keys()
