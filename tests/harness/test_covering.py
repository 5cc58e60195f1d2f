"""Covering arrays: few rows in which every pair of values meets."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from pixelproof.planning.covering import every, pairwise

COLUMNS = st.dictionaries(
    st.sampled_from("abcde"), st.lists(st.sampled_from("1234"), unique=True, max_size=4), max_size=5
)


def pairs(row: dict[str, str]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def all_pairs(columns: dict[str, list[str]]) -> set[frozenset[tuple[str, str]]]:
    filled = {name: values for name, values in columns.items() if values}
    return {frozenset({(a, x), (b, y)}) for a, b in combinations(filled, 2) for x, y in product(filled[a], filled[b])}


@given(COLUMNS)
def test_every_pair_is_covered(columns: dict[str, list[str]]) -> None:
    covered = set().union(*map(pairs, pairwise(columns)))
    assert covered == all_pairs(columns)


@given(COLUMNS)
def test_no_row_is_idle_and_no_value_foreign(columns: dict[str, list[str]]) -> None:
    seen: set[frozenset[tuple[str, str]]] = set()
    for row in pairwise(columns):
        assert all(value in columns[name] for name, value in row.items())
        assert pairs(row) - seen
        seen |= pairs(row)


@given(COLUMNS)
def test_the_rows_are_the_same_every_time(columns: dict[str, list[str]]) -> None:
    assert pairwise(columns) == pairwise(dict(columns))


@given(COLUMNS)
def test_what_other_rows_cover_is_not_repeated(columns: dict[str, list[str]]) -> None:
    assert pairwise(columns, covered=every(columns)) == []


def test_three_columns_of_two_values_need_four_rows_and_not_eight() -> None:
    columns = {"size": ["small", "large"], "quality": ["standard", "hd"], "style": ["vivid", "natural"]}
    assert len(pairwise(columns)) == 4
    assert len(every(columns)) == 8


def test_a_row_holds_every_column_that_has_values() -> None:
    assert set(pairwise({"a": ["1", "2"], "b": ["3"], "c": []})[0]) == {"a", "b"}


def test_a_single_column_has_no_pairs() -> None:
    assert pairwise({"size": ["small", "large"]}) == []
