"""The same inputs give the same bytes: in any process, whatever the seed of its hashes, in any order of arrival."""

import os
import subprocess
import sys
from functools import cache

import pytest
from conftest import ROOT, SAMPLE

SCRIPT = """
import hashlib, sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from transforms.dictionary import Dictionary
from transforms.registry import Registry
from transforms.reports import Snapshot, transform
paths = [Path(name) for name in sys.argv[1:]]
day = datetime(2024, 1, 1, tzinfo=UTC)
digest = lambda data: hashlib.sha256(data).hexdigest()
snapshots = [Snapshot(path.read_bytes, digest(path.read_bytes()), path.as_uri(), day) for path in paths]
batch = transform(snapshots, Registry.load(), Dictionary.load(), "run")
assert not batch.failures, batch.failures
print(len(batch.reports), len(batch.mentions), [digest(repr(sorted(rows)).encode()) for rows in batch[:5]])
"""


IDENTITIES = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from synthetic_reports import cases
from transforms.document import Refused
from transforms.identity import identify
from transforms.registry import Registry
registry = Registry.load()
told = []
for case in cases(400, 7):
    try:
        told.append(identify(case.document, registry, case.hint).to_json())
    except Refused as refused:
        told.append(str(refused))
print(len(told), hashlib.sha256("\\n".join(told).encode()).hexdigest())
"""


@cache
def digest(seed: int, names: tuple[str, ...], script: str = SCRIPT) -> str:
    env = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run([sys.executable, "-c", script, *names], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hash_seeds_and_order_do_not_matter(seed: int) -> None:
    gold = sorted(str(path) for path in (ROOT / "tests" / "gold" / "work").glob("*.txt"))
    names = (str(SAMPLE), *gold[:12])
    assert digest(seed, names[::-1]) == digest(0, names)


def test_the_evidence_of_four_hundred_synthetic_reports_is_the_same_whatever_the_hash_seed() -> None:
    folder = (str(ROOT / "tests"),)
    assert digest(1, folder, IDENTITIES) == digest(2, folder, IDENTITIES)
