"""Archives: what is in a ZIP file, within limits; its members are snapshots of their own.

Names are labels and never become paths here. ZIP files made on Chinese Windows keep names in GBK without saying so.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from transforms.document import Refused
from transforms.limits import DEFAULT, Limits

MAGIC = b"PK\x03\x04"
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_BLOCK = 1 << 16


class Member(NamedTuple):
    """One file of an archive: its name, with those of the archives around it, and its bytes."""

    name: str
    data: bytes


def is_zip(data: bytes) -> bool:
    """Whether bytes are a ZIP file, office files included."""
    return data.startswith((MAGIC, b"PK\x05\x06"))


def is_archive(data: bytes) -> bool:
    """Whether bytes are an archive of files rather than an office file, which is a ZIP file as well."""
    return is_zip(data) and office_kind(opened(data)) is None


_MAIN = re.compile(r"word/document\d*\.xml")


def main_part(archive: ZipFile) -> str | None:
    """The name of the main part of a Word file: ``word/document.xml``, with a number where Word Online wrote it."""
    return next((name for name in sorted(archive.namelist()) if _MAIN.fullmatch(name)), None)


def office_kind(archive: ZipFile) -> str | None:
    """``docx``, ``xlsx``, ``pptx``, ``odf``, ``ofd`` or ``epub``, by the parts that only such a file has."""
    names = set(archive.namelist())
    kinds = {
        "docx": main_part(archive) or "word/document.xml",
        "xlsx": "xl/workbook.xml",
        "pptx": "ppt/presentation.xml",
        "ofd": "OFD.xml",
        "epub": "META-INF/container.xml",
        "odf": "META-INF/manifest.xml",
    }
    return next((kind for kind, part in kinds.items() if part in names), None)


def opened(data: bytes) -> ZipFile:
    """Open a ZIP file.

    Raises:
        Refused: ``unsupported_format`` if it is broken.
    """
    try:
        return ZipFile(BytesIO(data))
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _broken() from error


def members(data: bytes, limits: Limits = DEFAULT) -> Iterator[Member]:
    """The files of an archive in order, those of archives inside it included.

    Raises:
        Refused: ``too_large`` beyond the limits on entries, depth, expanded size and ratio, ``encrypted`` if a member
        needs
            a password, ``unsupported_format`` if the archive is broken.
    """
    yield from _members(data, "", limits, _Budget(limits), 1)


class _Budget:
    """What is left of the limits for an archive and all that is in it."""

    def __init__(self, limits: Limits) -> None:
        self.entries, self.expanded = limits.entries, limits.expanded

    def take(self, entry: ZipInfo) -> None:
        self.entries -= 1
        if self.entries < 0:
            raise Refused(
                "too_large",
                "压缩包文件过多；请解压后分别提交 / too many files in the archive: unpack it",
            )

    def spend(self, size: int) -> None:
        self.expanded -= size
        if self.expanded < 0:
            raise _bomb()


def _members(data: bytes, prefix: str, limits: Limits, budget: _Budget, depth: int) -> Iterator[Member]:
    if depth > limits.depth:
        raise Refused(
            "too_large",
            f"压缩包嵌套超过 {limits.depth} 层；请解压后提交 / archives deeper than {limits.depth}: unpack first",
        )
    with opened(data) as archive:
        for entry in archive.infolist():
            name = _name(entry)
            budget.take(entry)
            if entry.is_dir() or any(junk in name for junk in _JUNK):
                continue
            content = part(archive, entry, limits)
            budget.spend(len(content))
            if is_archive(content):
                yield from _members(content, f"{prefix}{name}/", limits, budget, depth + 1)
            else:
                yield Member(prefix + name, content)


def part(archive: ZipFile, entry: ZipInfo, limits: Limits) -> bytes:
    """The bytes of one part, whatever size it claims to have.

    Raises:
        Refused: as :func:`members`.
    """
    if entry.flag_bits & 1:
        raise Refused(
            "encrypted", "压缩包有密码；请解压后提交 / the archive needs a password: unpack it and submit the files"
        )
    out, size = [], 0
    most = min(limits.expanded, max(1 << 20, entry.compress_size * limits.ratio))
    try:
        with archive.open(entry) as stream:
            while block := stream.read(_BLOCK):
                size += len(block)
                if size > most:
                    raise _bomb()
                out.append(block)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _broken() from error
    return b"".join(out)


def _name(entry: ZipInfo) -> str:
    """A member's name as a label: decoded, without control characters, drive letters or steps upwards."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = entry.filename
    shown = "".join(character for character in name.replace("\\", "/") if character.isprintable())
    return "/".join(step for step in shown.split("/") if step not in {"", ".", ".."} and not step.endswith(":"))


def _bomb() -> Refused:
    return Refused(
        "too_large",
        "压缩内容展开后过大；请核对来源，或解压后只提交报告 / "
        "the contents expand beyond the limit: check where it came from, or submit the report alone",
    )


def _broken() -> Refused:
    return Refused(
        "unsupported_format",
        "压缩文件损坏，无法打开；请重新下载 / the archive is broken: download it again",
    )
