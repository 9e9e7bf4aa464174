"""Transcripts: a session as a Markdown file, for editors that draw no answers themselves.

Every one of these is answered at once. What comes of it arrives in the file, or as a message.
"""

from typing import Literal

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing
from rejoinder.protocol.turns import TurnResult
from rejoinder.protocol.types import Range


@wire(kw_only=True)
class TranscriptOpenParams:
    """The session to show as a Markdown file; by default the current one. `new`: a session that is made for it."""

    session_id: str | None = None
    uri: str | None = None
    new: bool | None = None


@wire(kw_only=True)
class TranscriptParams:
    """A transcript's file; by default the one that this client has opened or changed last."""

    uri: str | None = None


@wire(kw_only=True)
class TranscriptRegenerateParams:
    """A transcript's file, as above, and the model that is to answer the last question anew."""

    uri: str | None = None
    model: str | None = None


@wire(kw_only=True)
class TranscriptApplyParams:
    """A transcript's file and a line in it, counted from 0: of the code block there, or of the last one above it."""

    uri: str
    line: int


@wire(kw_only=True)
class TranscriptAskParams:
    """A document and the lines in question, all of them without a range.

    Without an action and a text nothing is sent: the transcript is shown with the lines mentioned, to type behind.
    """

    uri: str
    range: Range | None = None
    action: Literal["explain", "fix", "test", "document", "review"] | None = None
    text: str | None = None


@wire(kw_only=True)
class TranscriptEditParams:
    """A document and the lines to change, all of them without a range; the editor is asked to make the change.

    `problems`: what the editor's checks say of these lines. `text`: what else is to be done, or what alone.
    """

    uri: str
    range: Range | None = None
    action: Literal["fix", "document"] | None = None
    problems: list[str] | None = None
    text: str | None = None


@wire(kw_only=True)
class TranscriptDecideParams:
    """A transcript's file, as above, and the call of a tool that is decided about: by default the first that waits."""

    decision: Literal["allow", "allow_session", "deny"]
    uri: str | None = None
    call_id: str | None = None


@wire
class TranscriptOpenResult:
    """A transcript's file."""

    uri: str


TRANSCRIPT_OPEN = Method("transcript/open", TranscriptOpenParams, TranscriptOpenResult)
TRANSCRIPT_SEND = Method("transcript/send", TranscriptParams, TurnResult)
TRANSCRIPT_STOP = Method("transcript/stop", TranscriptParams, Nothing)
TRANSCRIPT_REGENERATE = Method("transcript/regenerate", TranscriptRegenerateParams, TurnResult)
TRANSCRIPT_MODEL = Method("transcript/model", TranscriptParams, Nothing)
TRANSCRIPT_APPLY = Method("transcript/apply", TranscriptApplyParams, Nothing)
TRANSCRIPT_ASK = Method("transcript/ask", TranscriptAskParams, TranscriptOpenResult)
TRANSCRIPT_EDIT = Method("transcript/edit", TranscriptEditParams, Nothing)
TRANSCRIPT_DECIDE = Method("transcript/decide", TranscriptDecideParams, Nothing)
