"""Edits from answers and instructions, applied as an editor would."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import SECRET, Editor, Failed, Home
from fake_model import FakeModel, Reply

SOURCE = "import os\n\n\ndef sum_of(values):\n    total = 1\n    return total\n\n\nsmile = '😀' + x\n"
CHANGED = SOURCE.replace("total = 1", "total = sum(values)")
ANSWER = """It began at 1.

```python
{path}
<<<<<<< SEARCH
    total = 1
=======
    total = sum(values)
>>>>>>> REPLACE
```
"""


def applied(text: str, result: Any, *, uri: str, version: int | None, encoding: str = "utf-16") -> str:
    """The text after the edit's changes, whose positions are in the encoding's units."""
    *made, change = result["edit"]["documentChanges"]
    assert [one["kind"] for one in made] in ([], ["create"])
    assert change["textDocument"] == {"uri": uri, "version": version}
    lines = text.split("\n")
    codec, width = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2)}[encoding]

    def offset(position: Any) -> int:
        before = sum(len(line) + 1 for line in lines[: position["line"]])
        part = lines[position["line"]].encode(codec)[: position["character"] * width]
        return before + len(part.decode(codec))

    for edit in reversed(change["edits"]):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


async def answered(editor: Editor, model: FakeModel, answer: str, **params: Any) -> str:
    """The ID of a message with this text."""
    model.script(Reply(text=answer))
    result = await editor.call("chat", text="Mend it.", sessionId="s", **params)
    message_id = result["messageId"]
    assert isinstance(message_id, str)
    return message_id


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_a_block_changes_the_open_buffer(home: Home, project: Path, model: FakeModel, encoding: str) -> None:
    uri = (project / "unsaved.py").as_uri()
    text = SOURCE.replace("    total", "'😀'; total")
    answer = ANSWER.format(path="unsaved.py").replace("    total = 1", "'😀'; total = 1")
    general = {"general": {"positionEncodings": [encoding]}}
    async with home.editor(project, model=model, capabilities=general) as editor:
        editor.open_buffer(uri, text, version=4)
        message_id = await answered(editor, model, answer)
        result = await editor.call("edit", messageId=message_id, block=0, uri=uri, version=4)
        changed = applied(text, result, uri=uri, version=4, encoding=encoding)
        assert changed == text.replace("'😀'; total = 1", "    total = sum(values)")
        assert "unsaved.py" in result["explanation"]
        assert await editor.run("edit", messageId=message_id, block=0, uri=uri, version=4) == result


async def test_a_block_that_names_its_file_needs_no_uri(home: Home, project: Path, model: FakeModel) -> None:
    (project / "sums.py").write_text(SOURCE)
    async with home.editor(project, model=model) as editor:
        message_id = await answered(editor, model, ANSWER.format(path="sums.py"))
        result = await editor.call("edit", messageId=message_id, block=0, sessionId="s")
        uri = (project / "sums.py").as_uri()
        assert applied(SOURCE, result, uri=uri, version=None) == CHANGED


async def test_a_new_file_is_made(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "new" / "file.py").as_uri()
    async with home.editor(project, model=model) as editor:
        message_id = await answered(editor, model, "```python\nprint(1)\n```")
        result = await editor.call("edit", messageId=message_id, block=0, uri=uri)
        assert result["edit"]["documentChanges"][0] == {
            "kind": "create",
            "uri": uri,
            "options": {"ignoreIfExists": True},
        }
        assert applied("", result, uri=uri, version=None) == "print(1)\n"


async def test_an_answer_about_a_selection_replaces_it_where_it_is_now(
    home: Home, project: Path, model: FakeModel
) -> None:
    uri = (project / "unsaved.py").as_uri()
    place = {"start": {"line": 4, "character": 0}, "end": {"line": 5, "character": 0}}
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, SOURCE)
        message_id = await answered(
            editor, model, "```\n    total = sum(values)\n```", attachments=[{"uri": uri, "range": place}]
        )
        moved = "# first\n" + SOURCE
        whole = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": moved}]}
        editor.notify("textDocument/didChange", whole)
        result = await editor.call("edit", messageId=message_id, block=0, uri=uri, version=2)
        assert applied(moved, result, uri=uri, version=2) == "# first\n" + CHANGED


async def test_a_uri_may_be_written_in_another_way(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "a@b (c).py").as_uri()
    escaped = project.as_uri() + "/a@b%20(c).py"
    assert uri != escaped
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(escaped, SOURCE, version=3)
        message_id = await answered(editor, model, ANSWER.format(path=""))
        result = await editor.call("edit", messageId=message_id, block=0, uri=escaped, version=3)
        assert applied(SOURCE, result, uri=uri, version=3) == CHANGED
        assert (await editor.refused("edit", messageId=message_id, block=0, uri=escaped, version=2))["code"] == -32801


async def test_an_edit_for_another_version_is_refused(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "unsaved.py").as_uri()
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, SOURCE, version=3)
        message_id = await answered(editor, model, ANSWER.format(path="unsaved.py"))
        error = await editor.refused("edit", messageId=message_id, block=0, uri=uri, version=2)
        assert (error["code"], error["data"]["version"]) == (-32801, 3)


@pytest.mark.parametrize("path", ["../outside.py", "a/../../outside.py", "link/outside.py"])
async def test_no_block_reaches_out_of_the_folder(home: Home, project: Path, model: FakeModel, path: str) -> None:
    (project.parent / "outside.py").write_text(SOURCE)
    (project / "link").symlink_to(project.parent)
    async with home.editor(project, model=model) as editor:
        message_id = await answered(editor, model, ANSWER.format(path=path))
        error = await editor.refused("edit", messageId=message_id, block=0)
        assert error["code"] == -31016


async def test_a_secret_comes_back_into_the_edit_and_nowhere_else(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "unsaved.py").as_uri()
    text = f"KEY = '{SECRET}'\nkept = 1\n"
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, text)
        answer = "```\nunsaved.py\n<<<<<<< SEARCH\n{0}\n=======\n{0}\nmore = 2\n>>>>>>> REPLACE\n```"
        line = "KEY = '[masked:anthropic-key:1]'"
        message_id = await answered(editor, model, answer.format(line), attachments=[{"uri": uri}])
        result = await editor.call("edit", messageId=message_id, block=0, uri=uri, version=1)
        assert applied(text, result, uri=uri, version=1) == f"KEY = '{SECRET}'\nmore = 2\nkept = 1\n"
        unknown = await answered(editor, model, answer.format("KEY = '[masked:anthropic-key:7]'"))
        error = await editor.refused("edit", messageId=unknown, block=0, uri=uri, version=1)
        assert error["code"] == -32602 and "[masked:anthropic-key:7]" in error["message"]
    assert SECRET.encode() not in home.everything_written()


async def test_an_instruction_is_carried_out_without_a_trace(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "unsaved.py").as_uri()
    place = {"start": {"line": 8, "character": 13}, "end": {"line": 8, "character": 15}}
    text = SOURCE.replace("smile = '😀' +", "smile = '😀'+")
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, text, version=9)
        model.script(Reply(text="Here:\n\n```python\nyes\n```\n"))
        params = {"uri": uri, "range": place, "version": 9, "instruction": "Call it yes."}
        result = await editor.call("edit", **params)
        assert applied(text, result, uri=uri, version=9) == text.replace("+ x", "+yes")
        assert "Call it yes." in str(model.requests[-1].json)
        assert (await editor.call("session/list"))["sessions"] == []
        assert (await editor.refused("edit", **{**params, "version": 8}))["code"] == -32801


SEVERAL = """Two files:

```python
sums.py
<<<<<<< SEARCH
    total = 1
=======
    total = sum(values)
>>>>>>> REPLACE
```

What it printed before:

```
1
```

```python
sums.py
<<<<<<< SEARCH
import os
=======
import sys
>>>>>>> REPLACE
```

```python
new/test_sums.py
<<<<<<< SEARCH
=======
assert sum_of([]) == 0
>>>>>>> REPLACE
```
"""


async def test_all_blocks_of_an_answer_are_one_edit(home: Home, project: Path, model: FakeModel) -> None:
    old, new = project / "sums.py", project / "new" / "test_sums.py"
    old.write_text(SOURCE)
    async with home.editor(project, model=model) as editor:
        message_id = await answered(editor, model, SEVERAL)
        # what the client has in front is not what a block means that makes a file
        result = await editor.call("edit", messageId=message_id, uri=old.as_uri())
        changed, created, filled = result["edit"]["documentChanges"]
        assert (created["kind"], created["uri"]) == ("create", new.as_uri())
        assert applied("", {"edit": {"documentChanges": [filled]}}, uri=new.as_uri(), version=None) == (
            "assert sum_of([]) == 0\n"
        )
        assert [edit["range"]["start"]["line"] for edit in changed["edits"]] == [0, 4]
        assert applied(SOURCE, {"edit": {"documentChanges": [changed]}}, uri=old.as_uri(), version=None) == (
            CHANGED.replace("import os", "import sys")
        )
        assert "sums.py" in result["explanation"] and "test_sums.py" in result["explanation"]

        # one that does not fit: nothing of all that is offered
        old.write_text(CHANGED)
        assert "sums.py" in (await editor.refused("edit", messageId=message_id))["message"]
        plain = await answered(editor, model, "```\n1\n```\n")
        assert (await editor.refused("edit", messageId=plain))["code"] == -32602


async def test_what_stays_as_it_is_is_no_part_of_an_edit(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "unsaved.py").as_uri()
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    after = CHANGED.replace("import os", "import sys")
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, SOURCE, version=1)
        model.script(Reply(text=f"```python\n{after}```\n"))
        result = await editor.call("edit", uri=uri, range=whole, version=1, instruction="Mend it.")
        edits = result["edit"]["documentChanges"][0]["edits"]
        assert [edit["newText"] for edit in edits] == ["import sys\n", "    total = sum(values)\n"]
        assert applied(SOURCE, result, uri=uri, version=1) == after


@pytest.mark.parametrize(
    ("line", "answer", "expected"),
    [
        (1, "```python\nimport sys\n```", SOURCE.replace("import os\n\n", "import os\nimport sys\n", 1)),
        (4, "```python\n    # adds\n```", SOURCE.replace("    total = 1", "    # adds\n    total = 1")),
        (1, ANSWER.format(path="unsaved.py"), CHANGED),
    ],
    ids=["an empty line", "a line with text", "other lines"],
)
async def test_an_instruction_at_the_cursor(
    home: Home, project: Path, model: FakeModel, line: int, answer: str, expected: str
) -> None:
    uri = (project / "unsaved.py").as_uri()
    cursor = {"line": line, "character": 0}
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, SOURCE, version=1)
        model.script(Reply(text=answer))
        params = {"uri": uri, "range": {"start": cursor, "end": cursor}, "version": 1, "instruction": "Do it."}
        result = await editor.call("edit", **params)
        prompt = str(model.requests[-1].json)
        assert f"line {line + 1} of the attached document" in prompt and "smile" in prompt
        assert applied(SOURCE, result, uri=uri, version=1) == expected


async def test_an_instruction_is_given_no_tools(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "pool.py").as_uri()
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    async with home.editor(project, model=model, options={"tools": {"use": ["all"]}}) as editor:
        model.script(Reply(text="Fine."), Reply(text="```python\nyes\n```\n"))
        await editor.call("chat", text="Hello")
        await editor.call("edit", uri=uri, range=place, instruction="Mend it.")
        assert ["tools" in request.json for request in model.requests] == [True, False]


async def test_an_instruction_is_cancelled(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "unsaved.py").as_uri()
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, SOURCE, version=1)
        model.script(Reply(gate=model.gate()))
        request = editor.send_for("edit", uri=uri, range=place, version=1, instruction="Mend it.")
        arrived = await model.next_request()
        editor.notify("$/cancelRequest", {"id": request})
        await arrived.disconnect()
        assert (await editor.error_of(request))["code"] == -32800


async def test_without_a_model_an_instruction_says_what_to_set(home: Home, project: Path) -> None:
    uri = (project / "pool.py").as_uri()
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    async with home.editor(project) as editor:
        error = await editor.refused("edit", uri=uri, range=place, instruction="Rename it.")
        assert error["code"] == -31004 and "model" in error["data"]["hint"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"messageId": "nothing", "block": 0}, -31018),
        ({"messageId": "nothing"}, -31018),
        ({"block": 0}, -32602),
        ({"uri": "file:///x.py", "instruction": "Do."}, -32602),
        ({}, -32602),
    ],
)
async def test_what_makes_no_sense_is_refused(home: Home, project: Path, params: Any, code: int) -> None:
    async with home.editor(project) as editor:
        with pytest.raises(Failed):
            await editor.call("edit", **params)
        assert (await editor.refused("edit", **params))["code"] == code
