"""The map from a cleaned text back to its source: exact for every character, through any number of steps."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.offsets import Edit, Offsets, apply, identity


def spans(offsets: Offsets) -> list[tuple[int, int]]:
    return [offsets.span(i, i + 1) for i in range(offsets.length)]


def test_a_deletion_leaves_every_other_character_its_own_place():
    text, offsets = apply("建設(shè)年度", [Edit(2, 7)])
    assert text == "建設年度"
    assert spans(offsets) == [(0, 1), (1, 2), (7, 8), (8, 9)]


def test_a_span_over_a_deletion_takes_it_in_and_a_span_before_it_does_not():
    _, offsets = apply("建設(shè)年度", [Edit(2, 7)])
    assert offsets.span(1, 3) == (1, 8)
    assert offsets.span(0, 2) == (0, 2)


def test_characters_of_a_replacement_come_from_the_whole_of_what_they_replace():
    text, offsets = apply("工作?,F(xiàn)將", [Edit(2, 11, "。現")])
    assert text == "工作。現將"
    assert spans(offsets) == [(0, 1), (1, 2), (2, 11), (2, 11), (11, 12)]


def test_a_replacement_of_the_same_length_is_character_by_character():
    text, offsets = apply("共９８件", [Edit(1, 3, "98")])
    assert (text, offsets.span(2, 3)) == ("共98件", (2, 3))


def test_an_insertion_has_an_empty_source():
    text, offsets = apply("ab", [Edit(1, 1, "--")])
    assert text == "a--b"
    assert spans(offsets) == [(0, 1), (1, 1), (1, 1), (1, 2)]


def test_no_edits_are_the_identity():
    text, offsets = apply("年度报告", [])
    assert (text, offsets) == ("年度报告", identity(4))
    assert offsets.span(1, 3) == (1, 3)


def test_two_characters_made_of_two_others_stay_inseparable_through_later_steps():
    _, inner = apply("a½b", [Edit(1, 2, "1/2")])
    _, outer = apply("a1/2b", [Edit(1, 2)])
    assert spans(outer.after(inner)) == [(0, 1), (1, 2), (1, 2), (2, 3)]


@pytest.mark.parametrize("edits", [[Edit(2, 4), Edit(3, 5)], [Edit(3, 9)], [Edit(2, 1)], [Edit(3, 4), Edit(0, 1)]])
def test_edits_that_overlap_or_leave_the_text_are_an_error(edits):
    with pytest.raises(ValueError, match=r"overlaps|leaves"):
        apply("abcde", edits)


@pytest.mark.parametrize("span", [(0, 0), (-1, 2), (2, 1), (3, 6)])
def test_a_span_outside_the_text_is_an_error(span):
    with pytest.raises(ValueError, match="no characters"):
        identity(5).span(*span)


def test_the_cleaned_span_of_a_source_span_finds_what_became_of_it():
    _, offsets = apply("建設(shè)年度", [Edit(2, 7)])
    assert offsets.cleaned_span(0, 8) == (0, 3)
    assert offsets.cleaned_span(1, 2) == (1, 2)
    assert offsets.cleaned_span(3, 5) == (2, 2)
    assert offsets.cleaned_span(8, 9) == (3, 4)


@st.composite
def edited(draw, text):
    """Edits of a text, some empty, some next to one another."""
    marks = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8).filter(lambda found: len(found) % 2 == 0)))
    return [
        Edit(start, end, draw(st.text("xyz", max_size=4))) for start, end in zip(marks[::2], marks[1::2], strict=True)
    ]


@st.composite
def two_steps(draw):
    source = draw(st.text("abcdefgh", max_size=30))
    first = draw(edited(source))
    middle, inner = apply(source, first)
    return source, inner, middle, draw(edited(middle))


def simple_map(text: str, edits: list[Edit]) -> list[tuple[int, int]]:
    """The same map, character by character and slowly."""
    out, at = [], 0
    for start, end, new in edits:
        out += [(i, i + 1) for i in range(at, start)]
        out += [(start + i, start + i + 1) if len(new) == end - start else (start, end) for i in range(len(new))]
        at = end
    return out + [(i, i + 1) for i in range(at, len(text))]


@given(two_steps())
def test_composed_maps_equal_the_character_by_character_composition(case):
    _, inner, middle, edits = case
    text, outer = apply(middle, edits)
    composed = outer.after(inner)
    below = spans(inner)
    for i, (start, end) in enumerate(simple_map(middle, edits)):
        found = composed.span(i, i + 1)
        if start < end:
            assert found == (below[start][0], below[end - 1][1])
    assert composed.length == len(text)


@given(two_steps())
def test_spans_never_run_backwards(case):
    _, inner, middle, edits = case
    _, outer = apply(middle, edits)
    found = spans(outer.after(inner))
    assert all(a <= c and b <= d for (a, b), (c, d) in pairwise(found))


@given(two_steps())
def test_a_map_is_written_as_a_text_and_read_back(case):
    _, inner, middle, edits = case
    _, outer = apply(middle, edits)
    whole = outer.after(inner)
    assert Offsets.loads(whole.dumps()) == whole


def test_a_map_as_a_text():
    _, offsets = apply("共９８件?,F(xiàn)將", [Edit(1, 3, "98"), Edit(4, 13, "。現")])
    assert offsets.dumps() == "1,0 2,0 1,0 2,0,9 1,0"
