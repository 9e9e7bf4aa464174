"""Choosing and formatting quotes."""

import attrs

from rejoinder.domain.conversation import Place
from rejoinder.domain.extractive import LONGEST_QUOTE, MOST_PER_SOURCE, MOST_QUOTES, quotes
from rejoinder.domain.names import shown_path
from rejoinder.domain.retrieval import Hit


def hit(text: str, *, uri: str = "file:///home/me/app/src/main.py", line: int = 0) -> Hit:
    place = Place(line, 0, line + len(text.splitlines()), 0)
    return Hit(uri=uri, place=place, text=text, score=1.0, source="code")


def said(text: str) -> Hit:
    return Hit(uri="rejoinder:/x", place=Place(0, 0, 0, 0), text=text, score=1.0, source="message", session_id="plans")


def test_a_whole_short_passage_with_its_lines() -> None:
    (quote,) = quotes("What does load do?", [hit("def load():\n    return 1\n", line=9)], folder="file:///home/me/app")
    assert quote.markdown == "**src/main.py:10-11**\n\n```python\ndef load():\n    return 1\n```\n"


def test_a_long_passage_is_cut_to_the_lines_that_matter() -> None:
    lines = [f"filler_{number} = {number}" for number in range(100)]
    lines[70:72] = ["def closeConnection(self):", "    self.socket.close()"]
    (quote,) = quotes("How is the connection closed?", [hit("\n".join(lines), line=1000)])
    assert "closeConnection" in quote.markdown
    shown = quote.hit.text.splitlines()
    assert len(shown) == LONGEST_QUOTE
    assert lines[quote.hit.place.start_line - 1000 :][: len(shown)] == shown
    assert quote.hit.place.end_line == quote.hit.place.start_line + len(shown) - 1
    assert f":{quote.hit.place.start_line + 1}-{quote.hit.place.end_line + 1}**" in quote.markdown


def test_order_of_retrieval_is_kept_and_sources_take_turns() -> None:
    hits = [hit(f"parse {number}", line=number * 10) for number in range(5)]
    hits += [hit(f"parse {name}", uri=f"file:///{name}.py") for name in "abcdef"]
    found = [quote.hit for quote in quotes("parse", hits)]
    assert found == [hits[0], hits[1], hits[5], hits[6]]
    assert len(found) == MOST_QUOTES
    assert MOST_PER_SOURCE == 2


def test_what_holds_no_word_of_the_question_comes_only_when_nothing_does() -> None:
    fitting, other = hit("parse()", uri="file:///a.py"), hit("unrelated", uri="file:///b.py")
    assert [quote.hit for quote in quotes("parse", [other, fitting])] == [fitting]
    assert [quote.hit for quote in quotes("parse", [other])] == [other]


def test_overlapping_and_empty_passages_come_once() -> None:
    hits = [hit("parse\nmore", line=5), hit("more\nparse", line=6), hit("  \n"), hit("parse", line=50)]
    assert [quote.hit.place.start_line for quote in quotes("parse", hits)] == [5, 50]


def test_a_past_message_names_its_session() -> None:
    (quote,) = quotes("database", [said("We chose SQLite\n\nas the database.")])
    assert quote.markdown == "**session plans**\n\n> We chose SQLite\n>\n> as the database.\n"


def test_a_passage_cannot_close_its_fence() -> None:
    (quote,) = quotes("fence", [hit("```` fence\n```\n", uri="file:///doc.md")])
    assert quote.markdown.startswith("**doc.md:1-2**\n\n`````markdown\n")
    assert quote.markdown.endswith("\n`````\n")


def test_the_definition_that_a_passage_lies_in_is_named() -> None:
    inside = attrs.evolve(hit("    return parse(text)", line=9), scope="class Reader › def load")
    (quote,) = quotes("parse", [inside], folder="file:///home/me/app")
    assert quote.markdown.startswith("**src/main.py:10-10** in `class Reader › def load`\n")
    odd = attrs.evolve(inside, scope="a`b")
    assert " in `` a`b ``\n" in quotes("parse", [odd])[0].markdown


def test_identifiers_count_in_their_parts() -> None:
    lines = ["other line"] * 40
    lines[30] = "def readConfigFile(): pass"
    (quote,) = quotes("Where are config files read?", [hit("\n".join(lines))])
    assert "readConfigFile" in quote.markdown


def test_paths() -> None:
    assert shown_path("file:///a/b%20c/d.py", "file:///a") == "b c/d.py"
    assert shown_path("file:///a/b/c/d/e.py", "file:///other") == "c/d/e.py"
    assert shown_path("https://example.org/page") == "https://example.org/page"


def test_nothing_found() -> None:
    assert quotes("anything", []) == []


def test_a_commit_is_quoted_by_its_id() -> None:
    commit = Hit(
        uri=f"git-commit:{'0a1b2c3d' * 5}",
        place=Place(0, 0, 0, 0),
        text="Retry the load\n\nIt failed.",
        score=1.0,
        source="commit",
    )
    (quote,) = quotes("Why retry the load?", [commit])
    assert quote.markdown == "**commit 0a1b2c3d0a1b**\n\n```\nRetry the load\n\nIt failed.\n```\n"
