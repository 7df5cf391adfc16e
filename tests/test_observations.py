"""One value for each cell: which mention wins, and when nobody does."""

from decimal import Decimal
from typing import Any

from transforms.observations import observe
from warehouse.contracts import Mention, Observation

UNITS = {"admin_penalty_cases": "case", "admin_litigation_cases": "case", "banners": "strip"}


def mention(ordinal: int, value: str, **changes: Any) -> Mention:
    base = Mention(
        ordinal=ordinal, surface=f"{value}件", value=Decimal(value), value_high=None, unit="件", unit_surface="件",
        factor=Decimal(1), qualifier="exact", kind="actual", scope="township", part_of_ordinal=None,
        indicators=("admin_penalty_cases",), about=(), head="行政处罚案件", rule="term", confidence=0.9, damaged=False,
        section="", sentence=f"办理行政处罚案件{value}件。", start=0, end=1, source_start=0, source_end=1,
    )  # fmt: skip
    return base._replace(**changes)


def observed(*mentions: Mention) -> list[tuple[str, Decimal | None, str, int | None, tuple[str, ...]]]:
    rows = observe("445103107", 2023, "445103107-2023-f00dfeed", mentions, UNITS)
    return [(row.indicator, row.value, row.status, row.ordinal, row.rivals) for row in rows]


def test_a_whole_observation() -> None:
    assert observe("445103107", 2023, "r", [mention(3, "92")], UNITS) == (
        Observation(
            "445103107",
            2023,
            "admin_penalty_cases",
            Decimal(92),
            None,
            "case",
            "exact",
            "reported",
            "r",
            3,
            (),
            Decimal(92),
        ),
    )


def test_the_same_figure_told_twice_is_one_observation() -> None:
    assert observed(mention(3, "92"), mention(8, "92")) == [
        ("admin_penalty_cases", Decimal(92), "reported", 3, ("8=92",))
    ]


def test_totals_that_differ_are_a_conflict_and_never_an_average() -> None:
    assert observed(mention(3, "92"), mention(8, "95")) == [
        ("admin_penalty_cases", None, "conflict", None, ("3=92", "8=95"))
    ]


def test_a_part_never_replaces_a_total() -> None:
    assert observed(mention(3, "92"), mention(8, "12", scope="part")) == [
        ("admin_penalty_cases", Decimal(92), "reported", 3, ())
    ]


def test_plans_changes_and_earlier_years_are_no_observation() -> None:
    assert observed(*(mention(1, "92", kind=kind) for kind in ("plan", "prior", "change", "norm", "name"))) == []


def test_a_figure_of_a_higher_body_is_no_observation() -> None:
    assert observed(mention(1, "9200", scope="higher")) == []


def test_an_exact_figure_beats_the_bound_that_it_fits() -> None:
    over = mention(1, "500", qualifier="over", indicators=("banners",))
    exact = mention(2, "512", indicators=("banners",))
    assert observed(over, exact) == [("banners", Decimal(512), "reported", 2, ("1=500",))]


def test_an_exact_figure_outside_the_bound_is_a_conflict() -> None:
    over = mention(1, "500", qualifier="over", indicators=("banners",))
    assert observed(over, mention(2, "712", indicators=("banners",)))[0][2] == "conflict"


def test_a_told_figure_beats_a_verbal_zero() -> None:
    zero = mention(1, "0", kind="zero", indicators=("admin_litigation_cases",))
    told = mention(2, "2", indicators=("admin_litigation_cases",))
    assert observed(zero, told) == [("admin_litigation_cases", Decimal(2), "reported", 2, ("1=0",))]
    assert observed(zero) == [("admin_litigation_cases", Decimal(0), "stated_zero", 1, ())]


def test_a_surer_mapping_wins() -> None:
    assert observed(mention(1, "95", confidence=0.6), mention(2, "92"))[0][:2] == ("admin_penalty_cases", Decimal(92))


def test_a_figure_next_to_damage_yields_to_the_same_figure_elsewhere() -> None:
    assert observed(mention(1, "92", damaged=True), mention(2, "92"))[0][3] == 2


def test_one_zero_for_two_nouns_is_two_observations() -> None:
    zero = mention(1, "0", kind="zero", indicators=("admin_litigation_cases", "admin_penalty_cases"))
    assert [(row[0], row[1]) for row in observed(zero)] == [
        ("admin_litigation_cases", Decimal(0)),
        ("admin_penalty_cases", Decimal(0)),
    ]
