"""Which counts, a transcript's own text or the session's draft: nothing is lost, and nothing comes back."""

from datetime import UTC, datetime

import attrs
import pytest

from rejoinder.domain.conversation import Attachment, Message
from rejoinder.domain.transcript import transcript
from rejoinder.services.unsent_texts import UnsentTexts, Verdict

SESSION = ("project", "session")
NOW = datetime.now(UTC)
ASKED = Message(message_id="q", turn_id="t", role="user", source="chat", content="Why?", created_at=NOW)
ATTACHED = attrs.evolve(ASKED, attachments=(Attachment(uri="file:///a.py"),))


@pytest.mark.parametrize(
    ("own", "draft", "verdict"),
    [
        ("", "", "same"),
        ("One\r\ntwo\r\n", "One\ntwo", "same"),
        ("", "One", "draft"),
        ("One", "", "text"),
        ("One, two", "One", "text"),
        ("One", "One, two", "draft"),
        ("One", "Two", "both"),
    ],
)
def test_of_a_session_of_which_nothing_is_known_all_is_kept(own: str, draft: str, verdict: Verdict) -> None:
    assert UnsentTexts().verdict(SESSION, transcript(()) + own, draft, ()) == verdict


def test_what_was_the_draft_counts_no_more_and_what_was_made_of_it_does() -> None:
    texts = UnsentTexts()
    texts.was_draft(SESSION, "One")
    texts.was_draft(("project", "other"), "Two")
    file = transcript(())
    assert texts.verdict(SESSION, file + "One\n", "", ()) == "draft"
    assert texts.verdict(SESSION, file + "One", "Two", ()) == "draft"
    assert texts.verdict(SESSION, file + "Two", "One", ()) == "text"
    # it was sent here, and may be typed once more
    texts.was_draft(SESSION, "")
    assert texts.verdict(SESSION, file + "One", "", ()) == "text"


@pytest.mark.parametrize("asked", [ASKED, ATTACHED])
def test_what_was_sent_since_counts_no_more_and_the_same_asked_again_does(asked: Message) -> None:
    texts = UnsentTexts()
    assert texts.verdict(SESSION, transcript(()) + "Why?", "", [asked]) == "draft"
    assert texts.verdict(SESSION, transcript([asked]) + "Why?", "", [asked]) == "text"
    assert texts.verdict(SESSION, transcript([asked]) + "Why?", "", [asked, asked]) == "draft"
    assert texts.verdict(SESSION, transcript([asked]) + "Why not?", "", [asked, asked]) == "text"
