"""What stands below the last heading while an editor makes an edit of it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from rejoinder.domain.conversation import Message, Project
from rejoinder.domain.transcript import transcript
from rejoinder.lsp.unsent_part import UnsentPart
from rejoinder.services.transcripts import TranscriptAddress

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ASKED = Message(message_id="m", turn_id="t", role="user", source="chat", content="Why?", created_at=NOW)


def test_a_question_that_fails_while_something_is_put_in_comes_back_before_it() -> None:
    transcripts = SimpleNamespace(keep_draft=len, sent=lambda address: None)
    client = SimpleNamespace(services=SimpleNamespace(transcripts=transcripts), keep=None)
    project = Project(project_id="p", name="p", paths=(), created_at=NOW)
    part = UnsentPart(cast(Any, client), TranscriptAddress(project, "s"))
    part.sent("Why?")
    part.made(part.pending())
    part.put("@file:pool.py ")
    put_in = part.pending()
    part.failed(ASKED)
    part.made(put_in)
    assert part.within(transcript(()) + "@file:pool.py ") == "@file:pool.py\n\nWhy?"
    part.made(part.pending())
    assert part.within(transcript(())) == ""
