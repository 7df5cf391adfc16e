"""The engine: rules on rows as Great Expectations' own suites, checkpoints and pages.

Great Expectations takes seconds to import, so this module, the only one that imports it, is itself imported inside
``run_suites``. Nothing touches the network: the context is ephemeral, there is no analytics, and the pages that are
kept (data docs)
have every outside script and style taken out.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (
    MulticolumnMapMetricProvider,
)
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from expectations.rows import RowRule

COMPLETE_ROWS = 100_000
"""Up to here results carry the key of every failing row (COMPLETE). Above, counts and a sample (BASIC): with half of
4 million rows failing, COMPLETE takes 158 s and 4.5 GB where BASIC takes 4 s."""
DOMAIN_KEYS = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")

COUNTED = {"element_count", "unexpected_count", "missing_count"}
PERCENTS = {"unexpected_percent", "unexpected_percent_total", "unexpected_percent_nonmissing"}
EXAMPLES = {
    "partial_unexpected_list",
    "partial_unexpected_counts",
    "partial_unexpected_index_list",
    "unexpected_list",
    "unexpected_index_list",
}
SHOWN = 200
"""Failing rows of one rule that are kept for the page."""

_own: dict[str, Any] = {}


class Outcome(NamedTuple):
    """``broken`` counts the rows that broke each rule; ``result`` is Great Expectations' own."""

    broken: tuple[int, ...]
    result: Any


class Engine:
    """Validates frames, each with one suite and one checkpoint, and keeps the pages."""

    def __init__(self) -> None:
        # Its notes about folders that it never makes are of no use to anybody; the second logger sets its own level.
        for name in ("great_expectations", "great_expectations.data_context.types.base"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
        self._source = self._context.data_sources.add_pandas("nianbao")
        self._checkpoints: dict[str, Any] = {}
        self._renderer, self._view = ValidationResultsPageRenderer(), DefaultJinjaPageView()

    def validate(self, table: str, frame: pd.DataFrame, rules: Sequence[RowRule], key: Sequence[str]) -> Outcome:
        """Validate one frame.

        Returns:
            How many rows broke each rule, in the order of ``rules``, and Great Expectations' result.

        Raises:
            RuntimeError: A rule could not be evaluated; the message names it.
        """
        checkpoint = self._checkpoint(table, rules, key, complete=len(frame) <= COMPLETE_ROWS)
        (result,) = checkpoint.run(batch_parameters={"dataframe": harmless(frame)}).run_results.values()
        self._forget()
        broken = [0] * len(rules)
        items: list[Any] = result.results  # in an order of Great Expectations' own
        for item in items:
            number = item.expectation_config.meta["rule"]
            if item.exception_info.get("raised_exception"):
                said = rules[number].expectation
                raise RuntimeError(f"{table}: {said} could not be evaluated: {item.exception_info}")
            broken[number] = 0 if item.success else int(item.result["unexpected_count"])
        return Outcome(tuple(broken), result)

    def _forget(self) -> None:
        """Let go of the frame, and of the copy of every result, that the context keeps for as long as it lives."""
        manager = self._source.get_execution_engine().batch_manager
        manager.reset_batch_cache()
        manager.batch_data_cache.clear()
        store = self._context.validation_results_store
        for key in store.list_keys():
            store.remove_key(key)  # type: ignore[no-untyped-call]

    def _checkpoint(self, table: str, rules: Sequence[RowRule], key: Sequence[str], *, complete: bool) -> Any:
        """The checkpoint of a table, made once: to make one costs more than to run it over a part."""
        name = table if complete else f"{table}-basic"
        if name not in self._checkpoints:
            asset = self._source.add_dataframe_asset(name)
            expectations = [_expectation(rule, table, key, number) for number, rule in enumerate(rules)]
            suite = self._context.suites.add(gx.ExpectationSuite(name=name, expectations=expectations))
            data = asset.add_batch_definition_whole_dataframe("whole")
            definition = self._context.validation_definitions.add(
                gx.ValidationDefinition(name=name, data=data, suite=suite)
            )
            every = {"result_format": "COMPLETE", "unexpected_index_column_names": list(key)}
            self._checkpoints[name] = self._context.checkpoints.add(
                gx.Checkpoint(
                    name=name,
                    validation_definitions=[definition],
                    result_format=every if complete else {"result_format": "BASIC"},
                )
            )
        return self._checkpoints[name]

    def joined(self, before: Any, result: Any) -> Any:
        """The results of two parts of one table as one: the counts added up, the first examples kept."""
        if before is None:
            return result
        rules = {item.expectation_config.meta["rule"]: item for item in before.results}
        for item in result.results:
            whole = rules[item.expectation_config.meta["rule"]]
            whole.success = bool(whole.success and item.success)
            here, there = whole.result, item.result
            for name in COUNTED & here.keys() & there.keys():
                here[name] += there[name]
            for name in EXAMPLES & here.keys() & there.keys():
                here[name] = [*here[name], *there[name]][:SHOWN]
            if here.get("element_count"):
                percent = 100.0 * here.get("unexpected_count", 0) / here["element_count"]
                here |= dict.fromkeys(PERCENTS & here.keys(), percent)
        before.success = all(item.success for item in before.results)
        before.statistics = {
            "evaluated_expectations": len(before.results),
            "successful_expectations": (good := sum(bool(item.success) for item in before.results)),
            "unsuccessful_expectations": len(before.results) - good,
            "success_percent": 100.0 * good / max(1, len(before.results)),
        }
        return before

    def page(self, result: Any, table: str, folder: Path) -> Path:
        """Write Great Expectations' own page for a result, without a byte from outside; return its path."""
        html: str = self._view.render(self._renderer.render(result))  # type: ignore[no-untyped-call]
        html = re.sub(r"(?is)<script\b.*?</script>|<link\b[^>]*>|<img\b[^>]*>", "", html)
        html = re.sub(r"(?i)<head>", f"<head>\n{PAGE_STYLE}", html, count=1)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{table}.html"
        path.write_text(html, encoding="utf-8")
        return path


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with markup in its texts escaped: Great Expectations' templates do not escape what reports say."""
    texts = [name for name in frame.columns if frame[name].dtype == "str" or frame[name].dtype == object]
    wild = [name for name in texts if frame[name].astype("str").str.contains("[<>&]").any()]
    return frame.assign(**{name: frame[name].map(escape, na_action="ignore") for name in wild}) if wild else frame


def _expectation(rule: RowRule, table: str, key: Sequence[str], number: int) -> Any:
    """A rule as an expectation: a core one where there is one, else a class of our own."""
    said = re.sub("[{}]", "", f"{rule.zh} {rule.en}")
    common: dict[str, Any] = {"severity": rule.severity, "description": said, "meta": {"rule": number}}
    if rule.check == "key_duplicate" and len(key) > 1:
        return _core("ExpectCompoundColumnsToBeUnique")(column_list=list(key), ignore_row_if="never", **common)
    if rule.check == "key_duplicate":
        return _core("ExpectColumnValuesToBeUnique")(column=key[0], **common)
    if rule.values:
        return _core("ExpectColumnValuesToBeInSet")(column=rule.columns[0], value_set=list(rule.values), **common)
    columns = list(dict.fromkeys((*rule.columns, *key)))
    return _class(rule, table)(column_list=columns, ignore_row_if="never", **common)


def _core(name: str) -> Any:
    return getattr(gxe, name)


def _class(rule: RowRule, table: str) -> Any:
    """Our rule as a Great Expectations class with its own map metric; made once, as these are registered by name."""
    if rule.expectation not in _own:

        def holds(cls: Any, column_list: pd.DataFrame, **_: Any) -> pd.Series[bool]:
            return rule.holds(column_list).astype(bool)

        metric = f"nianbao.{table}.{rule.check}"
        members = {
            "condition_metric_name": metric,
            "condition_domain_keys": DOMAIN_KEYS,
            "_pandas": multicolumn_condition_partial(engine=PandasExecutionEngine)(holds),
        }
        type(f"{rule.expectation}Metric", (MulticolumnMapMetricProvider,), members)
        body = {"map_metric": metric, "__module__": __name__, "__doc__": rule.en}
        _own[rule.expectation] = type(rule.expectation, (MulticolumnMapExpectation,), body)
    return _own[rule.expectation]


PAGE_STYLE = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;
max-width:72rem;margin:auto;padding:1rem}
table{border-collapse:collapse;margin:.5rem 0}td,th{border:1px solid #ccc;padding:.25rem .5rem;text-align:left}
nav,.navbar,.sticky,.modal,.btn,.cloud-footer,footer{display:none!important}</style>"""
"""Without the outside styles the pages are plain, so they get a few lines of their own; the policy lets nothing
load."""
