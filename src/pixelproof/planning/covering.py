"""Covering arrays: few combinations in which every pair of values meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product

Row = dict[str, str]
_Pair = tuple[tuple[str, str], tuple[str, str]]


def pairwise(columns: Mapping[str, Sequence[str]], covered: Sequence[Mapping[str, str]] = ()) -> list[Row]:
    """Return rows in which every pair of values of two columns occurs at least once.

    Pairs that ``covered`` rows already hold are not repeated. Greedy and deterministic:
    columns and values keep their order.
    """
    names = [name for name, values in columns.items() if values]
    open_pairs = {pair for a, b in combinations(names, 2) for pair in _pairs(a, columns[a], b, columns[b])}
    for row in covered:
        open_pairs -= _pairs_of(row)
    rows: list[Row] = []
    while open_pairs:
        row = _best_row(names, columns, open_pairs)
        open_pairs -= _pairs_of(row)
        rows.append(row)
    return rows


def every(columns: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the whole product of the columns."""
    names = [name for name, values in columns.items() if values]
    return [dict(zip(names, values, strict=True)) for values in product(*(columns[name] for name in names))]


def _pairs(a: str, left: Sequence[str], b: str, right: Sequence[str]) -> set[_Pair]:
    return {_pair((a, x), (b, y)) for x, y in product(left, right)}


def _pair(one: tuple[str, str], other: tuple[str, str]) -> _Pair:
    return (one, other) if one < other else (other, one)


def _pairs_of(row: Mapping[str, str]) -> set[_Pair]:
    return {_pair(one, other) for one, other in combinations(row.items(), 2)}


def _best_row(names: Sequence[str], columns: Mapping[str, Sequence[str]], open_pairs: set[_Pair]) -> Row:
    seed = min(open_pairs)
    row: Row = dict(seed)
    for name in names:
        if name not in row:
            row[name] = max(columns[name], key=lambda value: _gain(row, name, value, open_pairs))
    return {name: row[name] for name in names}


def _gain(row: Mapping[str, str], name: str, value: str, open_pairs: set[_Pair]) -> int:
    return sum(_pair((name, value), other) in open_pairs for other in row.items())
