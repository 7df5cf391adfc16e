"""Rounds of faults at random moments: `.venv/bin/python bench/faults.py [ROUNDS [SEED]]`; see tests/faults.py.

Needs root for the full and the read-only disk (a tmpfs of their own); without, these two are left out and named. A run
of all kinds, seeded, is told in docs/operations.md.
"""

import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from faults import KINDS, World, can_mount, disturb, serving

from flows.server import prefect_server, prepare


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    rng = random.Random(seed)
    kinds = [kind for kind in KINDS if can_mount() or kind not in {"disk", "read-only"}]
    print(
        f"seed {seed}; kinds {', '.join(kinds)}; left out: {', '.join(set(KINDS) - set(kinds)) or 'none'}", flush=True
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "site").mkdir()
        prepare(root / "prefect", verbose=False)
        with prefect_server(root / "prefect") as ready, serving(root / "site") as site:
            ready()
            world = World(root, os.environ, site, count=24, batch=6)
            print(f"undisturbed: {world.seconds:.1f} s", flush=True)
            ended: Counter[tuple[str, int]] = Counter()
            for at in range(rounds):
                kind = kinds[at % len(kinds)]
                # A server of its own, whose database need not be made each time.
                own = root / "own"
                shutil.rmtree(own, ignore_errors=True)
                shutil.copytree(root / "prefect", own, ignore=shutil.ignore_patterns("*.log"))
                alone = {"PREFECT_API_URL": "", "PREFECT_HOME": str(own)} if kind == "server" else {}
                done = disturb(world, kind, rng.random(), alone)
                ended[done.kind, done.code] += 1
                told = f"after {done.after:5.1f} s: {done.code:4}; healed in {done.healed:5.1f} s"
                print(f"{at + 1:4} {done.kind:10} {told}", flush=True)
    print(f"{rounds} rounds: nothing lost, doubled or torn, nothing hung")
    for (kind, code), count in sorted(ended.items()):
        print(f"  {kind:10} ended with {code:4}: {count}")


if __name__ == "__main__":
    main()
