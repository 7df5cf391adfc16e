"""Rules: what counts as reading a document and what as taking figures from its text."""

import subprocess
import sys
from pathlib import Path

from seeds import SEEDS
from transforms.rules import BESIDE, FIGURE_TABLES, FIGURES, digest_files, read_alike, rules_digest, without_ocr

TRANSFORMS = Path(__file__).parent.parent / "transforms"


def test_what_reads_documents_never_loads_what_takes_figures() -> None:
    """Else a change of those modules would change what is read, and texts read before would be used all the same."""
    forms = [f"transforms.forms.{path.stem}" for path in sorted((TRANSFORMS / "forms").glob("*.py"))]
    names = ["transforms.reading", "transforms.guarded", "transforms.identity", "transforms.cleaning", *forms]
    script = f"import {', '.join(names)}, sys\nprint(*(name for name in sys.modules if name.startswith('transforms.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("transforms.") for name in done.stdout.split()}
    assert {"reading", "cleaning", "offsets", "registry", "forms.html"} <= loaded
    assert loaded & FIGURES == set()


def test_what_makes_a_documents_rows_never_loads_what_only_measures_or_compares() -> None:
    """Else a change of those modules would change rows, and documents read before would not be read again."""
    script = "import transforms.reports, sys\nprint(*(name for name in sys.modules if name.startswith('transforms.')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("transforms.") for name in done.stdout.split()}
    assert {"extraction", "opinions", "credence"} <= loaded
    assert loaded & BESIDE == set()
    assert {name for name in BESIDE if not (TRANSFORMS / f"{name}.py").exists()} == set()


def test_the_named_modules_and_tables_are_there_and_only_they_read_those_tables() -> None:
    assert {name for name in FIGURES if not (TRANSFORMS / f"{name}.py").exists()} == set()
    assert {name for name in FIGURE_TABLES if not (SEEDS / name).exists()} == set()
    others = [path for path in TRANSFORMS.rglob("*.py") if path.stem not in {*FIGURES, *BESIDE, "rules"}]
    readers = {(path.name, table) for path in others for table in FIGURE_TABLES if table in path.read_text("utf-8")}
    assert readers == set()


def test_texts_are_used_again_where_they_were_read_alike() -> None:
    assert [len(part) for part in rules_digest().split("-")] == [8, 8]
    assert read_alike("aaaa-bbbb", "aaaa-cccc", ocr=False)
    assert not read_alike("aaaa-bbbb", "cccc-bbbb", ocr=False)
    assert read_alike("aaaa-bbbb", without_ocr("aaaa-cccc"), ocr=False)
    assert not read_alike("aaaa-bbbb", without_ocr("aaaa-cccc"), ocr=True)


def test_line_ends_of_a_checkout_are_no_change(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x.csv").write_bytes(b"1\r\n2\r\n")
    (tmp_path / "b" / "x.csv").write_bytes(b"1\n2\n")
    assert digest_files((tmp_path / "a" / "x.csv",)) == digest_files((tmp_path / "b" / "x.csv",))
