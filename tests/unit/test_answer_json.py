"""The JSON in what a model said."""

import json

import pytest

from rejoinder.domain.answer_json import json_in


@pytest.mark.parametrize(
    "said",
    [
        '{"a": [1, 2]}',
        '\n\n {"a": [1, 2]} \n',
        '```json\n{"a": [1, 2]}\n```',
        '```\n{"a": [1, 2]}\n```',
        'Sure! Here it is:\n\n```json\n{\n  "a": [1, 2]\n}\n```\n\nAnything else?',
        '~~~json\n{"a": [1, 2]}\n~~~',
        'The answer is {"a": [1, 2]}.',
        'First ```json\nno\n``` then\n```json\n{"a": [1, 2]}\n```',
        '<think>{maybe}</think>\n{"a": [1, 2]}',
        '````json\n{"a": [1, 2]}\n````',
    ],
)
def test_json_is_found(said: str) -> None:
    assert json.loads(json_in(said)) == {"a": [1, 2]}


@pytest.mark.parametrize("said", ["[]", "5", '"text"', "null", "true"])
def test_any_value_is_json(said: str) -> None:
    assert json_in(said) == said


@pytest.mark.parametrize(
    "said",
    ["", "  \n", "I would rather not.", '{"a": 1', "{'a': 1}", '{"a": NaN}', "Infinity", "{" * 50_000, "[" * 200_000],
    ids=lambda said: said[:10],
)
def test_what_is_none_says_so(said: str) -> None:
    with pytest.raises(ValueError, match="answer is"):
        json_in(said)
