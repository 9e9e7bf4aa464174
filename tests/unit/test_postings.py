from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.index.postings import Occurrences, Postings

UNITS = st.lists(st.lists(st.integers(0, 8), max_size=12), min_size=1, max_size=6)


def occurrences(units: list[list[int]]) -> Occurrences:
    return Occurrences.of([np.array(unit, np.int32) for unit in units])


def found(postings: Postings, term: int) -> dict[int, int]:
    pieces = [(units.tolist(), counts.tolist()) for units, counts in postings.of(term)]
    together = [pair for units, counts in pieces for pair in zip(units, counts, strict=True)]
    assert len({unit for unit, _ in together}) == len(together)
    return dict(together)


@given(st.lists(UNITS, min_size=1, max_size=8))
def test_every_term_is_found_where_it_stands_however_it_came(batches: list[list[list[int]]]) -> None:
    postings, everything = Postings(), []
    for batch in batches:
        postings.add(occurrences(batch), len(everything))
        postings.settle()
        everything += batch
    for term in range(10):
        expected = {unit: counts[term] for unit, terms in enumerate(everything) if (counts := Counter(terms))[term]}
        assert found(postings, term) == expected


@given(UNITS, st.data())
def test_dropped_units_are_gone_and_the_others_have_their_new_numbers(
    units: list[list[int]], data: st.DataObject
) -> None:
    alive = np.array(data.draw(st.lists(st.booleans(), min_size=len(units), max_size=len(units))))
    numbers = np.where(alive, np.cumsum(alive) - 1, -1).astype(np.int32)
    postings = Postings()
    postings.add(occurrences(units), 0)
    postings.renumber(numbers)
    kept = [unit for unit, stays in zip(units, alive, strict=True) if stays]
    for term in range(10):
        assert found(postings, term) == {at: unit.count(term) for at, unit in enumerate(kept) if term in unit}


def test_what_waits_is_not_found_until_it_is_settled() -> None:
    postings = Postings()
    postings.add(occurrences([[1]]), 0)
    assert found(postings, 1) == {}
    postings.settle()
    assert found(postings, 1) == {0: 1}
    assert occurrences([[1, 1], []]).lengths.tolist() == [2, 0]
