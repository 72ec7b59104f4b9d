"""The container's health check. It exits with 0 if the application responds with 200, and otherwise with 1."""

import sys
from http.client import HTTPConnection, HTTPException


def is_healthy() -> bool:
    connection = HTTPConnection("127.0.0.1", 5000, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


sys.exit(0 if is_healthy() else 1)
