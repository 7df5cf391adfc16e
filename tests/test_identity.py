"""Whose report it is: the township from evidence, and never a place that is merely mentioned."""

from pathlib import Path

import pytest

from transforms.document import Document, Page
from transforms.identity import Hint, Identity, identify
from transforms.offsets import Offsets
from transforms.registry import Registry

SAMPLE = Path(__file__).parent / "data" / "seed_clean.txt"


def read(text: str, title: str | None = None, publisher: str | None = None) -> Document:
    """A document whose cleaned text is the form's own text."""
    return Document(text, Offsets((0,), (0,), (len(text),), len(text)), Page(text, "text/plain", None, title, publisher))


def who(text: str, hint: Hint | None = None) -> Identity:
    return identify(read(text), Registry.load(), hint)


@pytest.fixture(scope="module")
def sample() -> str:
    return SAMPLE.read_text(encoding="utf-8")


def test_the_sample_is_one_of_fourteen_by_its_text_alone(sample: str) -> None:
    identity = who(sample)
    unit = Registry.load().township(identity.township_code)
    assert (identity.township_code, unit.township, unit.county, unit.city, unit.province) == (
        "445103107",
        "沙溪镇",
        "潮安区",
        "潮州市",
        "广东省",
    )
    assert (identity.report_year, str(identity.period_end), identity.partial) == (2023, "2023-12-25", True)
    assert identity.title == "沙溪镇2023年法治政府建设年度报告"
    assert identity.conflict == ""
