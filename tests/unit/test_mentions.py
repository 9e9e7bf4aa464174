import pytest

from rejoinder.domain.mentions import (
    ACTIONS,
    EditorMention,
    FileMention,
    Mention,
    SessionMention,
    SymbolMention,
    find_mentions,
    instruction,
    leading_action,
    without_mentions,
)


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("see @file:src/app.py", FileMention("src/app.py")),
        ("see @file:src/app.py.", FileMention("src/app.py")),
        ("(@file:src/app.py)", FileMention("src/app.py")),
        ("@file:src/app.py#L3 here", FileMention("src/app.py", 3, 3)),
        ("@file:src/app.py#L1-20, please", FileMention("src/app.py", 1, 20)),
        ("@file:src/app.py#L1-L20.", FileMention("src/app.py", 1, 20)),
        ('@file:"my file.py"#L2', FileMention("my file.py", 2, 2)),
        ("@file:Ünï.txt", FileMention("Ünï.txt")),
        ("@symbol:Store.put", SymbolMention("Store.put")),
        ("like #session:plans-2", SessionMention("plans-2")),
        ("as in #session:plans.", SessionMention("plans")),
        ("look at @diff", EditorMention("diff")),
        ("@problems?", EditorMention("problems")),
        ("@selection", EditorMention("selection")),
    ],
)
def test_mentions_are_found(text: str, mention: Mention) -> None:
    assert find_mentions(text) == [mention]


@pytest.mark.parametrize(
    "text",
    ["me@file:x", "a@diff", "@different", "##session:x", "user/@diff", "@file:", "@file: x", "#session", "@nobody"],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert find_mentions(text) == []


def test_each_is_told_once_and_in_order() -> None:
    assert find_mentions("@diff @file:a @diff @file:a#L1") == [
        EditorMention("diff"),
        FileMention("a"),
        FileMention("a", 1, 1),
    ]


def test_a_line_number_may_be_as_long_as_it_likes() -> None:
    assert find_mentions("@file:a#L" + "9" * 5000) == [FileMention("a", 9_999_999, 9_999_999)]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_slash_command_at_the_beginning_is_an_action(action: str) -> None:
    assert leading_action(f" /{action}  this one ") == (action, "this one")
    assert leading_action(f"/{action}") == (action, "")


@pytest.mark.parametrize("text", ["/etc/passwd is what?", "/unknown thing", "please /explain", "/explainer", "/fix/it"])
def test_other_texts_are_left_whole(text: str) -> None:
    assert leading_action(text) == (None, text)


def test_an_instruction_has_the_users_words_last() -> None:
    assert instruction("explain", "only the loop").endswith("\n\nonly the loop")
    assert not instruction("explain", "").endswith("\n")


def test_mentions_are_reduced_to_their_names() -> None:
    assert without_mentions("/explain @file:src/a.py#L3-9 and #session:plans") == " src/a.py and plans"


@pytest.mark.parametrize("unit", ["@file:", "@file:a#L1-", "#session:", '@file:"', "@file:a#L1", "/", "@"])
def test_hostile_texts_take_time_in_step_with_their_length(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    find_mentions(text)
    leading_action(text)
    without_mentions(text)
