"""The rooms that know Prefect: the flow, its tasks, schedules, and the `nianbao` command."""

import os

# Before anything imports arrow: its own allocator keeps what is freed for good, 0.15 GB in a run's process and 0.09 in
# each worker; the C library's gives it back (expectations/heap.py).
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
