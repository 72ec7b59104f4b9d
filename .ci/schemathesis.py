"""What an OpenAPI document cannot say of the API, so that Schemathesis makes no such request.

These are requests that the document allows and the API refuses with 400, as it should.
"""

from typing import Any

import schemathesis


@schemathesis.hook
def filter_case(_: Any, case: Any) -> bool:
    """Leaves out valid lists that nobody asks for: requests that are wrong on purpose stay."""
    mode = case.meta.generation.mode if case.meta else None
    if mode is None or not mode.is_positive or case.operation.label != "GET /items":
        return True
    query = case.query or {}
    # A cursor is opaque: only the API can make one. And a sku leaves no list to limit.
    return "cursor" not in query and not {"sku", "maxQuantity"} <= query.keys()
