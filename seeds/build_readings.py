"""Build ``readings.csv`` and ``words.csv``, by which torn characters are put together again (``transforms/damage.py``).

    python seeds/build_readings.py

Needs pypinyin (MIT; 0.55.0 was used), jieba (MIT; 0.42.1) and OpenCC; with these the same bytes come out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
MOST_WORDS = 9_000


def level_one(character: str) -> bool:
    """Whether a character is one of the 3,755 of GB 2312's first level."""
    try:
        return 0xB0 <= character.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def readings() -> Iterator[str]:
    """Traditional characters of GBK with a common simplified form of their own, each with its readings."""
    import opencc
    from pypinyin.pinyin_dict import pinyin_dict  # type: ignore[import-not-found]

    simplified = opencc.OpenCC("t2s").convert
    for code in range(0x4E00, 0xA000):
        character = chr(code)
        plain = simplified(character)
        if character.encode("gbk", "ignore") and plain != character and level_one(plain) and code in pinyin_dict:
            yield f"{character},{pinyin_dict[code].replace(',', ' ')}"


def words() -> Iterator[str]:
    """The most frequent words of two common characters in jieba's dictionary."""
    import jieba  # type: ignore[import-not-found]

    found = []
    for row in (Path(jieba.__file__).parent / "dict.txt").read_text("utf-8").splitlines():
        word, frequency, *_ = row.split()
        if len(word) == 2 and all(map(level_one, word)):
            found.append((-int(frequency), word))
    return (word for _, word in sorted(found)[:MOST_WORDS])


def main() -> None:
    """Write both files."""
    (HERE / "readings.csv").write_text("\n".join(["character,readings", *readings()]) + "\n", "utf-8", newline="\n")
    (HERE / "words.csv").write_text("\n".join(["word", *words()]) + "\n", "utf-8", newline="\n")


if __name__ == "__main__":
    main()
