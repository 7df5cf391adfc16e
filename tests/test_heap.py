"""Heap: memory that was freed is given back, whatever was freed before."""

import os
import subprocess
import sys

import pytest

HOLES = """
import sys
from expectations import heap

def rss():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))

held = heap.hold() if sys.argv[1] == "hold" else None
bytearray(30_000_000)  # freed at once: from here on glibc would put all that is smaller on its one heap
before, blocks, small = rss(), [], []
for _ in range(100):
    blocks.append(bytearray(b"x" * 1_000_000))
    small.append(bytearray(b"x" * 50_000))
del blocks
print(held, rss() - before)
"""


def grown(option: str) -> tuple[str, int]:
    """What ``hold`` said, and by how many kB a process has grown after 100 MB were freed and 5 MB were not."""
    done = subprocess.run([sys.executable, "-c", HOLES, option], capture_output=True, text=True, check=True)
    held, size = done.stdout.split()
    return held, int(size)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt is glibc's")
def test_freed_blocks_are_given_back_to_the_system() -> None:
    held, size = grown("hold")
    assert held == "True", "glibc is needed for this: another C library keeps to its own ways"
    assert size < 20_000
    assert grown("leave")[1] > 80_000  # what it is for


def test_arrow_takes_its_memory_where_it_can_be_given_back_unless_somebody_says_otherwise() -> None:
    """Its own allocator keeps what was freed: 0.15 GB in the run of a country's ten years."""

    def pool(**given: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
        said = "import flows.running, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
        command = [sys.executable, "-c", said]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={**environment, **given})
        return done.stdout.strip()

    assert pool() == "system"
    assert pool(ARROW_DEFAULT_MEMORY_POOL="mimalloc") == "mimalloc"
