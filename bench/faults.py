"""Rounds of faults at random moments, see tests/faults.py: `.venv/bin/python bench/faults.py [ROUNDS [SEED [LANES]]]`.

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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from faults import KINDS, Round, World, can_mount, disturb, serving
from warm import Warm

from flows.server import prefect_server, prepare


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    lanes = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    kinds = [kind for kind in KINDS if can_mount() or kind not in {"disk", "read-only"}]
    plan = [(at, kinds[at % len(kinds)], rng.random()) for at in range(rounds)]
    left = ", ".join(set(KINDS) - set(kinds)) or "none"
    print(f"seed {seed}; {lanes} at once; kinds {', '.join(kinds)}; left out: {left}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "site").mkdir()
        prepare(root / "prefect", verbose=False)
        with prefect_server(root / "prefect") as ready, serving(root / "site") as site:
            ready()
            world = World(root, Warm(os.environ), site, count=24, batch=6)
            print(f"undisturbed: {world.seconds:.1f} s", flush=True)
            waiting = iter(plan)
            with ThreadPoolExecutor(lanes) as pool:
                working = [pool.submit(lambda at: [*rounds_of(world, f"lane{at}", waiting)], at) for at in range(lanes)]
                for lane in as_completed(working):
                    if lane.exception():
                        list(waiting)  # no more rounds: what broke is told as soon as the others have ended theirs
                done = [one for lane in working for one in lane.result()]
    print(f"{len(done)} rounds: nothing lost, doubled or torn, nothing hung")
    for (kind, code), count in sorted(Counter((one.kind, one.code) for one in done).items()):
        print(f"  {kind:12} ended with {code:4}: {count}")


def rounds_of(world: World, name: str, waiting: Iterator[tuple[int, str, float]]) -> Iterator[Round]:
    """The rounds of one lane: the next that waits, until none does."""
    with serving(world.site.folder) as site:
        lane = world.lane(name, site)
        for at, kind, moment in waiting:
            # A server of its own, whose database need not be made each time.
            own = lane.root / "own"
            shutil.rmtree(own, ignore_errors=True)
            alone = {"PREFECT_API_URL": "", "PREFECT_HOME": str(own)} if kind == "server" else {}
            if alone:
                shutil.copytree(world.root / "prefect", own, ignore=shutil.ignore_patterns("*.log"))
            done = disturb(lane, kind, moment, alone)
            told = f"after {done.after:5.1f} s: {done.code:4}; healed in {done.healed:5.1f} s"
            print(f"{at + 1:4} {kind:12} {told}", flush=True)
            yield done
        lane.warm.end()


if __name__ == "__main__":
    main()
