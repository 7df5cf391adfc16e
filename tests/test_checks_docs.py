"""The page of checks is current, and every check says what it is in both languages."""

import re

from expectations.checking import checks
from expectations.checks_docs import PAGE, check_page


def test_the_page_of_checks_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == check_page(), "run: python -m expectations.checks_docs"


def test_every_check_module_is_found_and_named() -> None:
    names = {check.name for check in checks()}
    assert {"sum_of_parts", "rate_mismatch", "unit_slip", "copied_figures", "fell_silent"} <= names
    for check in checks():
        assert re.search("[\u4e00-\u9fff]", check.zh), check.name
        assert check.en
        assert check.what.endswith(".")
        assert check.spared.endswith(".")
