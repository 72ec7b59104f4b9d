"""The settings of gunicorn, see https://gunicorn.org/reference/settings/."""

import json
import os
from datetime import datetime, timezone
from typing import Any

from gunicorn.glogging import Logger


class JsonAccessLogger(Logger):
    """Writes one JSON object for each request to stdout."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        entry = {
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "status": int(resp.status.split()[0]),
            "bytes": resp.sent,
            "durationMs": round(request_time.total_seconds() * 1000, 1),
            "client": environ.get("HTTP_X_FORWARDED_FOR", environ["REMOTE_ADDR"]),
            "trace": environ.get("HTTP_X_AMZN_TRACE_ID"),
            "process": os.getpid(),
        }
        print(json.dumps(entry), flush=True)


bind = "0.0.0.0:5000"
workers = 2
logger_class = JsonAccessLogger
# The load balancer keeps idle connections for 60 s. It must be the side that closes them, so gunicorn
# keeps them longer. Gunicorn's default worker class keeps no connections.
worker_class = "gthread"
threads = 4
keepalive = 65
# Seconds. It is less than the time that ECS waits between SIGTERM and SIGKILL.
graceful_timeout = 25
# The root file system of the container is read-only. macOS has no /dev/shm.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
control_socket_disable = True
