"""Rules: digests of everything that decides what is read out of a document: nothing is read twice by the same rules.

They are two: of what reads a document (its form, its encoding, its cleaning, whose report it is), and of what takes
figures from a text. Where only the second changed, the texts of the lake are extracted again and no document is opened.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from seeds import SEEDS

FIGURES = frozenset(
    (
        "agreement",
        "aims",
        "bare",
        "candidates",
        "claims",
        "columns",
        "compared",
        "contested",
        "contexts",
        "credence",
        "cues",
        "dictionary",
        "enclosures",
        "extraction",
        "figures",
        "kinds",
        "levelled",
        "lexicon",
        "linked",
        "mapping",
        "naming",
        "neighbours",
        "numbers",
        "numerals",
        "observations",
        "occasions",
        "opinions",
        "partial",
        "phrases",
        "polls",
        "quantity",
        "revisions",
        "scope",
        "setting",
        "settlement",
        "statutory",
        "structure",
        "subjects",
        "tables",
        "terms",
        "totals",
        "traps",
        "units",
        "votes",
        "weights",
        "windows",
        "years",
        "zeros",
    )
)
"""Modules that see only the text of a document. One that is not named here counts among those that read documents."""
BESIDE = frozenset(("evaluation", "similarity"))
"""Modules of neither kind, from which no document's rows follow: what measures the others, what compares texts."""
FIGURE_TABLES = frozenset(
    (
        *("cues.csv", "indicators.csv", "indicator_words.csv", "occasions.csv", "credence.parquet", "opinions.parquet"),
        *("revisions.parquet", "set_phrases.csv", "subjects.csv", "units.csv"),
    )
)
"""The seed tables that they read."""
_NO_OCR = "-no-ocr"


@cache
def rules_digest() -> str:
    """Two times eight hex digits: of what reads a document, and of what takes figures from a text."""
    here = Path(__file__).parent
    code = [path for path in sorted(here.rglob("*.py")) if path.parent != here or path.stem not in BESIDE]
    figures = [path for path in code if path.parent == here and path.stem in FIGURES]
    tables = sorted((*SEEDS.glob("*.csv"), *SEEDS.glob("*.parquet")))
    figures += [path for path in tables if path.name in FIGURE_TABLES]
    reading = [path for path in (*code, *tables) if path not in figures]
    return f"{digest_files(tuple(reading))[:8]}-{digest_files(tuple(figures))[:8]}"


def without_ocr(rules: str) -> str:
    """What stands in place of a digest of rules where a scan was not read for want of OCR.

    Once there is OCR, such a snapshot counts as unread.
    """
    return f"{rules}{_NO_OCR}"


def read_alike(rules: str, earlier: str, *, ocr: bool) -> bool:
    """Whether documents are read by ``rules`` as they were by ``earlier`` ones, so that their texts may be used."""
    alike = rules.partition("-")[0] == earlier.partition("-")[0]
    return alike and not (ocr and earlier.endswith(_NO_OCR))


def digest_files(paths: tuple[Path, ...]) -> str:
    """Twelve hex digits over the names and bytes of files; line ends of a Windows checkout do not count."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        content = path.read_bytes()
        digest.update(content if path.suffix == ".parquet" else content.replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]
