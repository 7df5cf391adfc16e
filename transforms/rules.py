"""Rules: the digest of everything that decides what is read out of a text: nothing is read twice by the same rules."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from seeds import SEEDS


@cache
def rules_digest() -> str:
    """Twelve hex digits of the code of ``transforms`` and of the seed tables that it reads; a change re-extracts."""
    code = sorted(Path(__file__).parent.rglob("*.py"))
    tables = sorted((*SEEDS.glob("*.csv"), *SEEDS.glob("*.parquet")))
    return digest_files((*code, *tables))


def without_ocr(rules: str) -> str:
    """What stands in place of a digest of rules where a scan was not read for want of OCR.

    Once there is OCR, such a snapshot counts as unread.
    """
    return f"{rules}-no-ocr"


def digest_files(paths: tuple[Path, ...]) -> str:
    """Twelve hex digits over the names and bytes of files; line ends of a Windows checkout do not count."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        content = path.read_bytes()
        digest.update(content if path.suffix == ".parquet" else content.replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]
