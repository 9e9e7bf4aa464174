import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejoinder.domain.budget import DEFAULT_CONTEXT_TOKENS, TokenEstimate, prompt_budget


def test_tokens_are_bytes_by_three_and_a_half_and_the_messages_own() -> None:
    assert TokenEstimate().of("") == 5
    assert TokenEstimate().of("x" * 35) == 15
    assert TokenEstimate().of("ü" * 35) == 25


@settings(deadline=None)
@given(st.text(alphabet=st.characters()), st.text())
def test_more_text_is_never_fewer_tokens(first: str, second: str) -> None:
    assert TokenEstimate().of(first + second) >= TokenEstimate().of(first)


def test_what_a_provider_reports_moves_the_estimate_half_way() -> None:
    corrected = TokenEstimate().corrected(100, 200)
    assert corrected.correction == pytest.approx(1.5)
    assert corrected.corrected(150, 200).correction == pytest.approx(1.75)


@pytest.mark.parametrize(
    ("estimated", "reported", "expected"), [(1, 10**9, 3.0), (10**9, 1, 0.5), (0, 5, 1), (5, 0, 1)]
)
def test_nonsense_moves_it_within_bounds(estimated: int, reported: int, expected: float) -> None:
    assert TokenEstimate().corrected(estimated, reported).correction == pytest.approx(expected)


def test_the_correction_never_falls_below_its_floor() -> None:
    estimate = TokenEstimate()
    for _ in range(20):
        estimate = estimate.corrected(10**6, 1)
    assert estimate.correction == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("context", "most", "expected"),
    [
        (None, None, int(DEFAULT_CONTEXT_TOKENS * 0.9) - DEFAULT_CONTEXT_TOKENS // 4),
        (1000, None, 650),
        (1000, 100, 800),
        (1000, 10_000, 400),
        (1, 1, 1),
    ],
)
def test_the_budget_leaves_a_reserve_and_room_for_the_answer(
    context: int | None, most: int | None, expected: int
) -> None:
    assert prompt_budget(context, most) == expected
