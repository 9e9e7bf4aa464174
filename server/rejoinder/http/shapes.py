"""What a remote session sends and is answered, as it is documented; the specification is made from these types."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from rejoinder.http.refusals import Refused

LONGEST_TEXT = 200_000
MOST_MESSAGES = 200

Content = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")]
SessionId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:@-]+$")]
UserId = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Message(_Shape):
    """One message."""

    role: Literal["user", "assistant", "system"]
    content: Content


class Context(_Shape):
    """Which session, and who speaks: whom the key stands for, when it is said at all."""

    session_id: SessionId | None = None
    user_id: UserId | None = None


class ChatRequest(_Shape):
    """The last message of the role `user` is the question.

    Messages before it begin a session that is new; one that is there has them already. What the role `system` says
    counts for this turn.
    """

    messages: Annotated[
        list[Message],
        Field(
            min_length=1,
            max_length=MOST_MESSAGES,
            json_schema_extra={"contains": {"type": "object", "properties": {"role": {"const": "user"}}}},
        ),
    ]
    context: Context | None = None


class QueryRequest(_Shape):
    """The short form: one question."""

    query: Content
    session_id: SessionId | None = None
    user_id: UserId | None = None


class ChatResponse(_Shape):
    """The answer."""

    response: str
    session_id: str
    metadata: dict[str, Any]


class ErrorDetail(_Shape):
    """What went wrong: a code for programs, a sentence, one thing to do."""

    code: str
    message: str
    hint: str


class ErrorResponse(_Shape):
    """No answer."""

    error: ErrorDetail


class Health(_Shape):
    """Whether turns are taken."""

    status: Literal["ok", "ending"]


class Asked(_Shape):
    """A request, whichever form it had."""

    question: str
    before: tuple[Message, ...] = ()
    system: str | None = None
    session_id: str | None = None
    user_id: str | None = None


AgentRequest = TypeAdapter[ChatRequest | QueryRequest](
    Annotated[ChatRequest | QueryRequest, Field(union_mode="left_to_right")]
)


def read_request(body: bytes) -> Asked:
    """What is asked. Raises Refused (422), naming the key at fault."""
    try:
        read = AgentRequest.validate_json(body)
    except ValidationError as error:
        raise _misunderstood(error) from None
    if isinstance(read, QueryRequest):
        return Asked(question=read.query, session_id=read.session_id, user_id=read.user_id)
    last = max((at for at, message in enumerate(read.messages) if message.role == "user"), default=None)
    if last is None:
        raise Refused(422, "invalid", "messages: none has the role `user`.", "The last one of them is the question.")
    context = read.context or Context()
    system = "\n\n".join(message.content for message in read.messages if message.role == "system")
    return Asked(
        question=read.messages[last].content,
        before=tuple(message for message in read.messages[:last] if message.role != "system"),
        system=system or None,
        session_id=context.session_id,
        user_id=context.user_id,
    )


def _misunderstood(error: ValidationError) -> Refused:
    """The first problem of the documented form; of the short one only where nothing else was sent."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    problem = next((each for each in problems if each["loc"][:1] != ("QueryRequest",)), problems[0])
    place = ".".join(str(step) for step in problem["loc"] if step not in ("ChatRequest", "QueryRequest"))
    where = f"{place}: " if place else ""
    hint = 'Send {"messages": [{"role": "user", "content": "…"}], "context": {"session_id": "…"}}.'
    return Refused(422, "invalid", f"{where}{problem['msg']}"[:300], hint)
