"""Rejects requests of web pages.

A page that the user opens in a browser can send requests to a server on 127.0.0.1, directly or
through its own host name, if that resolves to 127.0.0.1 (DNS rebinding). Browsers add headers that
no AWS client sends. Therefore a request is rejected that

- has an `Origin` header, which a browser adds to every request of a page that can change something;
- has a `Sec-Fetch-Site` header other than `none`, which shows that a page made the request. A page
  on another port of this machine is rejected too: for a browser it is `same-site`;
- has a `Host` other than the server's own address and port, or one of its aliases (HOST_ALIASES,
  separated by commas), which a proxy in front of it needs.

`local/web-pages.ts` has the same rules for the servers in TypeScript.
"""

import os
from typing import Any

ALIASES = [alias for alias in os.environ.get("HOST_ALIASES", "").split(",") if alias]


def refusal_of_page(environ: dict[str, Any]) -> str | None:
    """The reason why a WSGI request is rejected, or None when it may pass."""
    own_host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    host = environ.get("HTTP_HOST")
    if host != own_host and host not in ALIASES:
        return f"Host is {host!r}, expected {own_host!r}"
    if "HTTP_ORIGIN" in environ:
        return f"the request has the Origin {environ['HTTP_ORIGIN']!r}: web pages are not served"
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    if site != "none":
        return f"Sec-Fetch-Site is {site!r}: web pages are not served"
    return None
