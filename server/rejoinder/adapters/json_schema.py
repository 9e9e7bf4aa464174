"""JSON schemas of draft 2020-12, by the library `jsonschema`, made safe for schemas that mean harm.

Nothing is fetched. Patterns are matched by an engine whose time grows with the text alone. A schema that has no end, or
that unfolds beyond measure, is refused before it is used (`json_schema_safety`), and checking an answer ends after so
many steps or seconds. Importing this takes a tenth of a second.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from datetime import time as time_of_day
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators
from referencing import Registry

from rejoinder.adapters.json_schema_safety import NotSafe, Patterns, check_safety
from rejoinder.domain.errors import SchemaInvalid
from rejoinder.domain.nesting import nests_too_deep

LARGEST = 128 * 1024
"""Bytes of a schema as JSON."""
MOST_STEPS = 100_000
LONGEST = 5.0
"""Steps and seconds that the check of one answer may take."""
MOST_PROBLEMS = 20
_LONGEST_PROBLEM = 300

Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def problems(value: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with a value by a schema, or with the schema; none when it is valid."""
    try:
        return JsonSchemas().of(schema).problems(value)
    except SchemaInvalid as error:
        return [error.message]


class JsonSchemas:
    """The port `AnswerShapes`."""

    def of(self, schema: dict[str, Any]) -> "JsonShape":
        """As the port says."""
        # which draft it is written for is not asked: what is said here holds in 2020-12
        plain = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
        try:
            if len(orjson.dumps(plain)) > LARGEST:
                raise NotSafe(f"it is larger than {LARGEST >> 10} KB")
            Draft202012Validator.check_schema(plain, format_checker=None)
            return JsonShape(plain, check_safety(plain))
        except NotSafe as error:
            raise _refused(str(error)) from None
        except validators.exceptions.SchemaError as error:
            raise _refused(_sentence(error)) from None
        except (RecursionError, orjson.JSONEncodeError):
            raise _refused("it is nested too deeply") from None


class JsonShape:
    """The port `AnswerShape`: a schema that was found to be one."""

    def __init__(self, schema: dict[str, Any], patterns: Patterns) -> None:
        self._schema = schema
        self._patterns = patterns

    def problems(self, value: Any) -> list[str]:
        """As the port says."""
        if nests_too_deep(value):
            return ["It is nested too deeply."]
        kind = validators.extend(Draft202012Validator, _counted(_keywords(self._patterns)))
        validator = kind(self._schema, format_checker=_formats(), registry=Registry())
        try:
            return [_sentence(error) for error in islice(validator.iter_errors(value), MOST_PROBLEMS)]
        except _TooLong:
            return ["Checking it takes too long: it is too large for this schema."]
        except RecursionError:
            return ["It is nested too deeply."]
        except Exception as error:
            # a library that stumbles over a value has not found it valid
            return [f"It cannot be checked ({type(error).__name__})."]


class _TooLong(Exception):
    """A check has used up its steps or its time."""


def _counted(keywords: dict[str, Keyword]) -> dict[str, Keyword]:
    """The keywords, which together may be used so many times."""
    steps, end = 0, time.monotonic() + LONGEST

    def counted(keyword: Keyword) -> Keyword:
        def checked(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
            nonlocal steps
            steps += 1
            if steps > MOST_STEPS or (steps % 64 == 0 and time.monotonic() > end):
                raise _TooLong
            return keyword(validator, wanted, instance, schema)

        return checked

    return {name: counted(keyword) for name, keyword in keywords.items()}


def _keywords(patterns: Patterns) -> dict[str, Keyword]:
    """The library's, but for those that match patterns or that compare all with all."""

    def pattern(validator: Any, wanted: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not patterns.match(wanted, instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    def pattern_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        for name, value in instance.items() if isinstance(instance, dict) else ():
            for each, subschema in wanted.items():
                if patterns.match(each, name):
                    yield from validator.descend(value, subschema, path=name, schema_path=each)

    def additional(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        known, like = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, value in instance.items() if isinstance(instance, dict) else ():
            if name in known or any(patterns.match(each, name) for each in like):
                continue
            if wanted is False:
                yield ValidationError(f"{name!r} is none of the properties that are allowed")
            else:
                yield from validator.descend(value, wanted, path=name)

    def unique(validator: Any, wanted: bool, instance: Any, schema: Any) -> Iterator[ValidationError]:
        items = instance if wanted and isinstance(instance, list) else []
        if len({orjson.dumps(item, option=orjson.OPT_SORT_KEYS) for item in items}) < len(items):
            yield ValidationError("it has the same item twice")

    own: dict[str, Keyword] = {"pattern": pattern, "patternProperties": pattern_properties}
    return {**Draft202012Validator.VALIDATORS, **own, "additionalProperties": additional, "uniqueItems": unique}


def _formats() -> FormatChecker:
    """The formats that are checked; all others are taken as remarks."""
    checker = FormatChecker(formats=["ipv4", "ipv6"])
    for name, read in (
        ("date", date.fromisoformat),
        ("time", time_of_day.fromisoformat),
        ("date-time", datetime.fromisoformat),
        ("uuid", UUID),
        ("email", _email),
    ):
        checker.checks(name, raises=ValueError)(_reader(read))
    return checker


def _reader(read: Callable[[str], Any]) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        if isinstance(value, str):
            read(value)
        return True

    return holds


def _email(text: str) -> None:
    name, at, host = text.rpartition("@")
    if not (name and at and host) or any(character.isspace() for character in text):
        raise ValueError(text)


def _refused(why: str) -> SchemaInvalid:
    return SchemaInvalid(
        f"The schema cannot be used: {why[:_LONGEST_PROBLEM]}.",
        errors=[why],
        hint="Send a JSON schema (draft 2020-12) that refers to nothing outside of itself.",
    )


def _sentence(error: ValidationError) -> str:
    """What is wrong and where, in one line."""
    message = " ".join(error.message.split())
    text = message if len(message) <= _LONGEST_PROBLEM else message[:_LONGEST_PROBLEM] + "…"
    return f"{error.json_path}: {text}"
