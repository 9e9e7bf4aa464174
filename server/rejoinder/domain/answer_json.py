"""The JSON value in what a model said."""

import json
import re
from typing import NoReturn

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_BEGINNING = re.compile(r"[\[{]")
_MOST_TRIES = 100


def json_in(text: str) -> str:
    """The JSON text of an answer: all of it, what stands between fences, or what lies among words.

    Raises ValueError, which says what is wrong, when there is none.
    """
    whole = text.strip().removeprefix("\ufeff")
    if not whole:
        raise ValueError("the answer is empty")
    try:
        return _checked(whole)
    except ValueError as error:
        wrong = error
    for found in reversed(_FENCED.findall(whole)):
        try:
            return _checked(found[1].strip())
        except ValueError as error:
            wrong = error
    end = max(whole.rfind("}"), whole.rfind("]")) + 1
    for start in list(_BEGINNING.finditer(whole))[:_MOST_TRIES]:
        try:
            return _checked(whole[start.start() : end])
        except ValueError:
            continue
    raise ValueError(f"the answer is no JSON ({wrong})")


def _checked(text: str) -> str:
    """The text, if it is JSON. Raises ValueError, also for what only Python takes for JSON."""
    try:
        json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return text


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
