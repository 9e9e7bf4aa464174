"""Prompts that people keep as files and call by name: `/tidy what is selected`.

A text may hold `{{input}}`, `{{selection}}` and `{{file}}`; what else stands between such braces is left as it is. The
mentions in it mean what they mean in a question.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Attachment
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.mentions import ACTIONS, REMEMBER

PromptSource = Literal["user", "project"]
"""Where a prompt is kept: in the user's own configuration, or in a project's folder."""

LONGEST_TEXT = 100_000
"""Characters."""
_LONGEST_LINE = 500
_NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
_OF_OURS = (*ACTIONS, REMEMBER, "agent")
_PLACEHOLDER = re.compile(r"\{\{[ \t]*(input|selection|file)[ \t]*\}\}")
_URI = "prompt:"


@frozen(kw_only=True)
class PromptFile:
    """A prompt by its name."""

    name: str
    text: str
    description: str = ""
    argument_hint: str = ""
    """What may be typed behind its name."""
    source: PromptSource = "user"


def can_be_called(name: str) -> bool:
    """Whether a prompt can have this name: one that can be typed, and that no command of Rejoinder's has."""
    return _NAME.fullmatch(name) is not None and name.casefold() not in _OF_OURS


def checked_prompt_name(name: str) -> str:
    """The name itself. Raises InvalidInput for one that cannot be typed, or that a command of Rejoinder's has."""
    if not _NAME.fullmatch(name):
        hint = "Name the file with up to 64 letters, digits, `-` and `_`, a letter first."
        raise InvalidInput(f"{name[:40]!r} cannot be typed as a command.", hint=hint, key="name")
    if name.casefold() in _OF_OURS:
        raise InvalidInput(f"/{name} is a command of Rejoinder's own.", hint="Give the file another name.", key="name")
    return name


def read_prompt(name: str, keys: Mapping[str, Any], text: str, source: PromptSource) -> PromptFile:
    """A prompt from a file's keys and text. Keys that mean something to other programs are passed over.

    Raises InvalidInput that says what is wrong with it.
    """
    checked_prompt_name(name)
    if not text.strip():
        raise InvalidInput("There is no text in it.", hint="Write what is to be asked.", key="text")
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(f"Its text is longer than {LONGEST_TEXT} characters.", hint="Shorten it.", key="text")
    description, hint = (_line(keys, key) for key in ("description", "argument-hint"))
    return PromptFile(name=name, text=text.strip(), description=description, argument_hint=hint, source=source)


def expanded(prompt: PromptFile, typed: str, *, file: str | None, selection: str = "@selection") -> str:
    """What a model is asked. `typed` stands behind the command; `file` and `selection` name what is at hand.

    What was typed comes last when the prompt does not say where it belongs. Raises InvalidInput when a file is wanted
    and there is none.
    """
    names = wanted(prompt)
    if "file" in names and file is None:
        hint = "Open or attach a file first, or name one with @file: in the prompt."
        raise InvalidInput(f"/{prompt.name} is about a file, and none is open.", hint=hint, key="uri")
    values = {"input": typed, "selection": selection, "file": file or ""}
    text = _PLACEHOLDER.sub(lambda found: values[found[1]], prompt.text)
    return text if "input" in names or not typed else f"{text}\n\n{typed}"


def wanted(prompt: PromptFile) -> set[str]:
    """What it leaves a place for: `input`, `selection`, `file`."""
    return {found[1] for found in _PLACEHOLDER.finditer(prompt.text)}


def as_attachment(name: str, text: str) -> Attachment:
    """What a model was asked by a prompt, as it is kept with the question."""
    return Attachment(_URI + name, text=text)


def is_expansion(attachment: Attachment) -> bool:
    """Whether it says what a prompt asked."""
    return attachment.uri.startswith(_URI)


def without_expansions(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """What is attached to a question besides."""
    return tuple(one for one in attachments if not is_expansion(one))


def asked_text(text: str, attachments: Sequence[Attachment]) -> str:
    """What a question asks: what its prompt says if it calls one, else itself."""
    return next((one.text for one in attachments if is_expansion(one) and one.text), text)


def _line(keys: Mapping[str, Any], key: str) -> str:
    value = keys.get(key, "")
    # an unquoted [name] is a list to YAML
    text = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value
    if not isinstance(text, str) or len(text) > _LONGEST_LINE:
        hint = f"Give `{key}` a line of at most {_LONGEST_LINE} characters."
        raise InvalidInput(f"`{key}` is no line of text.", hint=hint, key=key)
    return " ".join(text.split())
