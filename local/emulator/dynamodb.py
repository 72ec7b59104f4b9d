"""Gap: moto's DynamoDB is not atomic.

Two concurrent conditional writes can both find their condition true, and concurrent transactions
answer 500. One request at a time cures both.
"""

import threading
from typing import Any

from moto.dynamodb.responses import DynamoHandler

from .override import override

_one_at_a_time = threading.RLock()


@override(DynamoHandler)
def call_action(original: Any, self: DynamoHandler) -> Any:
    with _one_at_a_time:
        return original(self)
