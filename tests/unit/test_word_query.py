"""What a query asks for word by word, and how a hit is shown in one line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejoinder.domain.snippets import WIDTH, Marking, snippet_of
from rejoinder.domain.word_query import WordQuery, understood


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("pool", "A Pool!"),
        ("POOL", "the ConnectionPool lends"),
        ("connectionpool", "the Connection_Pool lends"),
        ("ConnectionPool", "a big_connection_pool_of_many"),
        ('"the pool"', "of the\n  pool."),
        ("foo.bar", "call foo.bar()"),
        ("conn*", "the connection"),
        ("getUs*", "get_user_name(2)"),
        ("c++ -d", "C or c"),
        ("naïve", "NAÏVE words"),
        ("資料", "会議の資料を"),
        ("--all", "all of it"),
        ('"" -', "anything"),
    ],
)
def test_what_fits(query: str, text: str) -> None:
    assert understood(query).fits(text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("pool", "pools"),
        ("pools", "pool"),
        ('"the pool"', "the big pool"),
        ('"the pool"', "the ConnectionPool"),
        ("foo.bar", "bar.foo"),
        ("onn*", "the connection"),
        ('"conn*"', "the connection"),
        ("pool -lends", "the pool lends"),
        ('pool -"pool lends"', "the pool lends"),
        ("pool -le*", "the pool lends"),
        ("userName", "nameUser"),
        ("資料", "会議の資"),
    ],
)
def test_what_does_not_fit(query: str, text: str) -> None:
    assert not understood(query).fits(text)


def test_what_is_not_word_by_word_keeps_phrases_beginnings_and_exclusions() -> None:
    query = understood('which pool "is it" lend* -redis')
    assert query.plain == "which pool is it lend*"
    strict = query.strict()
    assert strict.fits("it lends: is it?") and not strict.fits("it lends redis: is it?") and not strict.fits("pool")
    assert understood("which pool").strict().is_empty


@given(st.text(alphabet='ab_AB1 "-*.\n', max_size=30), st.text(alphabet="abAB_1 .\n", max_size=60))
def test_any_query_is_understood_and_what_is_marked_is_what_is_wanted(query: str, text: str) -> None:
    asked = understood(query)
    spans = asked.spans(text)
    assert spans == sorted(spans) and all(0 <= start < end <= len(text) for start, end in spans)
    if asked.wanted and asked.fits(text):
        assert spans
    alone = WordQuery(wanted=asked.wanted)
    assert alone.fits(text) == all(WordQuery(wanted=(each,)).spans(text) for each in asked.wanted)


words = st.sampled_from(["alpha", "beta", "Gamma_delta", "\n", "\t ", "ümlaut", "x" * 50])


@given(st.lists(words, max_size=80).map(" ".join), st.sampled_from(["alpha", "beta gamma", '"alpha beta"', "zeta"]))
def test_a_snippet_is_one_line_whose_marks_are_the_words(text: str, query: str) -> None:
    snippet = Marking(understood(query)).snippet(text)
    assert "\n" not in snippet.text and "  " not in snippet.text and len(snippet.text) <= WIDTH + 2
    plain = " ".join(text.split())
    assert snippet.text.strip("…").strip() in plain
    for start, end in snippet.marks:
        assert re.search(query.strip('"').replace(" ", "|"), snippet.text[start:end].lower())
    if understood(query).spans(text):
        assert snippet.marks


def test_a_snippet_shows_where_most_of_it_stands() -> None:
    text = "pool " + "filler " * 60 + "the pool lends connections of the pool"
    snippet = Marking(WordQuery(), "lend connections, pool").snippet(text)
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["pool", "lends", "connections", "pool"]
    assert snippet.text.startswith("…") and snippet.text.endswith("pool")
    assert snippet_of("  a\n b ", []).text == "a b"
