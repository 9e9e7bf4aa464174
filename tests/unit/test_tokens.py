"""What words code is made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejoinder.domain.tokens import WORD, Tokenizer, defined_names, words
from rejoinder.index.question import MOST_TOKENS, understand


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("getUserName", "get user nam getusername"),
        ("get_user_name", "get user nam getusername"),
        ("HTTPServer2", "http server 2 httpserver2"),
        ("_private", "privat"),
        ("a.b->c", "a b c"),
        ("Größe", "größe"),
        ("日本語の", "日本 本語 語の"),
        ("__", ""),
        ("", ""),
    ],
)
def test_identifiers_are_split_and_kept_whole(text: str, tokens: str) -> None:
    assert Tokenizer().tokens(text) == tokens.split()


@pytest.mark.parametrize(
    "forms",
    [
        ("connection", "connections"),
        ("index", "indexes", "indexing", "indexed"),
        ("query", "queries"),
        ("parse", "parsed", "parsing", "parses"),
        ("run", "running", "runs"),
        ("class", "classes"),
    ],
)
def test_forms_of_a_word_are_one_token(forms: tuple[str, ...]) -> None:
    assert len({tuple(Tokenizer().tokens(form)) for form in forms}) == 1


def test_short_words_that_end_alike_are_left_alone() -> None:
    assert Tokenizer().tokens("red string this bus") == ["red", "string", "this", "bus"]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_tokens_are_letters_and_digits_alone(text: str) -> None:
    assert all(token.isalnum() for token in Tokenizer().tokens(text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("    async def load_all(self):", {"loadall"}),
        ("export default class Widget {", {"widget"}),
        ("pub(crate) fn run_it()", {"runit"}),
        ("func (s *Server) Serve()", {"serv"}),
        ("static int parse_line(char *s)", {"parselin"}),
        ("#define MAX_SIZE 10", {"maxsiz"}),
        ("return call_it(x)", set()),
        ("  if (call_it(x)) {", set()),
    ],
)
def test_definitions_are_known(text: str, names: set[str]) -> None:
    found = set(Tokenizer().tokens(" ".join(defined_names(text))))
    assert names <= {token.removesuffix("e") for token in found}
    assert bool(found) == bool(names)


def test_a_question_leaves_out_what_says_nothing() -> None:
    assert Tokenizer().question("Where is the connection pool?") == ["connection", "pool"]
    assert Tokenizer().question("what is this") == ["what", "is", "this"]


def test_the_rarest_tokens_of_a_long_question_choose() -> None:
    question = understand("connection pool nowhere", Tokenizer(), lambda _: 1)
    assert question.tokens == ("connection", "pool", "nowher")
    long = understand(" ".join(f"w{chr(97 + n % 26)}{n}" for n in range(500)), Tokenizer(), lambda _: 1)
    assert len(long.tokens) == MOST_TOKENS
    counts = {"pool": 1, "idl": 0}
    pasted = " ".join([*(f"w{chr(97 + n % 26)}{n}" for n in range(500)), "pool", "idle"])
    chosen = understand(pasted, Tokenizer(), lambda token: counts.get(token, 9)).tokens
    assert "pool" in chosen and "idl" not in chosen


@pytest.mark.parametrize(
    ("text", "about_tests"), [("where are the unit tests?", True), ("the latest contest", False), ("specs of it", True)]
)
def test_a_question_about_tests_is_known(text: str, about_tests: bool) -> None:
    assert understand(text, Tokenizer(), lambda _: 1).about_tests is about_tests


@pytest.mark.parametrize("text", ["", "a_b c-d\te1\n2", "naïve café", "x = [1, 2]\r\n", "\x00a\x7fb\x1f", "日本 x"])
def test_words_are_those_of_the_pattern(text: str) -> None:
    assert words(text) == WORD.findall(text)
