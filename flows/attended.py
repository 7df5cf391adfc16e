"""A Prefect server that ends with the process that started it, however that ends.

``python -m flows.attended server start ...`` is ``prefect server start ...`` that watches its standard input: the
kernel closes the other end when the parent is gone, killed or not. Otherwise a killed run would leave a server behind.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

GRACE = 10.0
"""Seconds for the server to end by itself."""


def watch() -> None:
    """End this process when the other end of standard input is closed."""
    while sys.stdin.buffer.read(1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=watch, daemon=True).start()
    sys.argv[0] = "prefect"
    runpy.run_module("prefect", run_name="__main__")
