"""Documents on their way to a model: unsaved buffers, ranges in every encoding, and nothing from outside."""

from pathlib import Path
from typing import Any

import pytest

from e2e.kit import Editor, Home, sent_texts
from fake_model import FakeModel

TEXT = "first = 1\nsmile = '😀é' + '𝔘nicode' + x\nlast = 3\n"
TARGET = "'𝔘nicode' + x\nlast"
START = {"utf-8": 19, "utf-16": 16, "utf-32": 15}
"""Where the target begins on its line."""


def negotiating(*encodings: str) -> dict[str, Any]:
    return {"general": {"positionEncodings": list(encodings)}}


def ranged(start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    return {
        "start": {"line": start[0], "character": start[1]},
        "end": {"line": end[0], "character": end[1]},
    }


async def sent(model: FakeModel) -> str:
    """Everything that the next request tells the model."""
    return "\n".join(sent_texts(await model.next_request()))


@pytest.mark.parametrize("encoding", START)
async def test_a_range_in_an_unsaved_buffer_reaches_the_model_exactly(
    home: Home, project: Path, model: FakeModel, encoding: str
) -> None:
    uri = (project / "unsaved.py").as_uri()
    async with home.editor(project, model=model, capabilities=negotiating(encoding)) as editor:
        assert editor.result["capabilities"]["positionEncoding"] == encoding
        editor.open_buffer(uri, TEXT)
        attachment = {"uri": uri, "range": ranged((1, START[encoding]), (2, 4))}
        await editor.call("chat", text="Hm?", sessionId="s", attachments=[attachment])
        assert f"```\n{TARGET}\n```" in await sent(model)
        stored = (await editor.call("session/history", sessionId="s"))["messages"][0]["attachments"][0]
        assert (stored["text"], stored["uri"], stored["version"]) == (TARGET, uri, 1)
        assert stored["range"] == attachment["range"]


async def test_without_a_common_encoding_it_is_utf_16(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        assert editor.result["capabilities"]["positionEncoding"] == "utf-16"


async def test_changes_to_a_buffer_count_at_once(home: Home, project: Path, model: FakeModel) -> None:
    uri = (project / "pool.py").as_uri()
    async with home.editor(project, model=model) as editor:
        editor.open_buffer(uri, TEXT)
        edit = {"range": ranged((1, 9), (1, 11)), "text": "🦊"}
        editor.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [edit]},
        )
        await editor.call("chat", text="Hm?", attachments=[{"uri": uri}])
        assert "smile = '🦊é'" in await sent(model)
        editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        await editor.call("chat", text="Hm?", attachments=[{"uri": uri}])
        assert "class ConnectionPool" in await sent(model)


async def test_a_mention_takes_the_lines_that_it_names(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        await editor.call("chat", text="What is @file:pool.py#L4-5?")
        told = await sent(model)
        assert "return connection.ping()" in told and "Keeps database" not in told


async def test_a_symbol_is_found_where_retrieval_is_off(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options={"retrieve": False}) as editor:
        await editor.call("chat", text="@symbol:ConnectionPool?")
        while "class ConnectionPool" not in await sent(model):  # it was still being indexed
            await editor.call("chat", text="@symbol:ConnectionPool?")


async def test_a_mention_prefers_the_open_buffer(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        editor.open_buffer((project / "pool.py").as_uri(), TEXT)
        await editor.call("chat", text="What is @file:pool.py#L1?")
        assert "first = 1" in await sent(model)


async def test_another_session_is_mentioned(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        said = [{"role": "user", "content": "Numbats eat termites."}]
        await editor.call("session/create", sessionId="animals", messages=said)
        await editor.call("chat", text="Sum up #session:animals", sessionId="s")
        assert "Numbats eat termites." in await sent(model)


@pytest.mark.parametrize("buffer", ["before", "after"])
async def test_an_unsaved_buffer_is_found_by_its_words(home: Home, project: Path, buffer: str) -> None:
    async with home.editor(project) as editor:
        if buffer == "after":
            await ready(editor)
        editor.open_buffer((project / "pool.py").as_uri(), "def quokka(): return 'it smiles'\n")
        answer = await editor.call("chat", text="What does the quokka do?")
        assert "it smiles" in answer["text"] and "pool.py:1" in answer["text"]


async def ready(editor: Editor) -> None:
    while (await editor.call("index/status"))["state"] != "ready":
        pass


async def test_a_client_that_goes_takes_its_buffers_along(home: Home, project: Path) -> None:
    async with home.editor(project) as other:
        async with home.editor(project) as editor:
            editor.open_buffer((project / "pool.py").as_uri(), "def quokka(): return 'it smiles'\n")
            assert "it smiles" in (await editor.call("chat", text="quokka smiles", ephemeral=True))["text"]
            await editor.ask("shutdown")
            editor.notify("exit")
            await editor.process.wait()
        # whoever asks now is asked of the files as they are on disk
        answer = await other.call("chat", text="How is a ConnectionPool checked? quokka", ephemeral=True)
        while "it smiles" in answer["text"]:
            answer = await other.call("chat", text="How is a ConnectionPool checked? quokka", ephemeral=True)
        assert "connection.ping()" in answer["text"]


BAD_RANGES = [
    ranged((9, 0), (9, 1)),
    ranged((0, 0), (6, 0)),
    ranged((0, -1), (0, 1)),
    ranged((-1, 0), (0, 1)),
    ranged((1, 0), (0, 0)),
    ranged((2**40, 0), (2**40, 1)),
]


@pytest.mark.parametrize("bad", BAD_RANGES, ids=str)
async def test_a_range_outside_of_the_document_is_refused(home: Home, project: Path, bad: Any) -> None:
    async with home.editor(project) as editor:
        uri = (project / "pool.py").as_uri()
        error = await editor.refused("chat", text="x", sessionId="s", attachments=[{"uri": uri, "range": bad}])
        assert error["code"] == -32602
        assert (await editor.refused("session/get", sessionId="s"))["code"] == -31001


@pytest.mark.parametrize("uri", ["", "pool.py", "https://example.org/x", "file://elsewhere/x", "file:///%ff", "a:b:c"])
async def test_a_uri_that_is_no_file_is_refused(home: Home, project: Path, uri: str) -> None:
    async with home.editor(project) as editor:
        for params in ({"attachments": [{"uri": uri}]}, {"attachments": [{"uri": uri, "range": BAD_RANGES[0]}]}):
            error = await editor.refused("chat", text="x", **params)
            assert error["code"] == -32602 and "uri" in error["message"]


async def test_text_that_comes_along_needs_no_file(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        attachment = {"uri": "untitled:1", "text": "quokka = 1", "range": ranged((3, 0), (3, 10))}
        await editor.call("chat", text="Hm?", attachments=[attachment])
        assert "quokka = 1" in await sent(model)


async def test_no_path_leads_out_of_the_project(home: Home, project: Path, model: FakeModel) -> None:
    secret = project.parent / "secret.txt"
    secret.write_text("wombat password")
    (project / "link.txt").symlink_to(secret)
    (project / "folder").symlink_to(project.parent)
    (project / "AGENTS.md").symlink_to(secret)
    folder = project.as_uri()
    async with home.editor(project, model=model) as editor:
        for uri in (
            *(secret.as_uri(), f"{folder}/../secret.txt", f"{folder}/%2e%2e/secret.txt", f"{folder}/..%2Fsecret.txt"),
            *(f"{folder}/link.txt", f"{folder}/folder/secret.txt", "file:///etc/passwd"),
        ):
            error = await editor.refused("chat", text="x", attachments=[{"uri": uri}])
            assert (uri, error["code"]) == (uri, -31016)
        for path in ("../secret.txt", "link.txt", "folder/secret.txt", "/etc/passwd", str(secret)):
            error = await editor.refused("chat", text=f"@file:{path}")
            assert (path, error["code"]) == (path, -31016)
        await editor.call("chat", text="Hello wombat?", sessionId="s", retrieve=True)
        assert "password" not in await sent(model) and not model.requests[1:]


async def test_a_folder_goes_along_as_the_list_of_its_files(home: Home, project: Path) -> None:
    (project / "sub").mkdir()
    (project / "sub" / "inner.py").write_text("x = 1\n")
    async with home.editor(project) as editor:
        params = {"text": "x", "attachments": [{"uri": project.as_uri()}]}
        prompt = await editor.call("preview", of="chat", **params)
        assert any("sub/inner.py" in message["content"] for message in prompt["messages"])


async def test_a_file_that_is_not_there_or_too_large_says_so(home: Home, project: Path) -> None:
    (project / "large.txt").write_bytes(b"x" * (3 * 1024 * 1024))
    async with home.editor(project) as editor:
        codes = []
        for name in ("missing.py", "large.txt"):
            uri = f"{project.as_uri()}/{name}"
            codes.append((await editor.refused("chat", text="x", attachments=[{"uri": uri}]))["code"])
        assert codes == [-31018, -31019]
        assert (await editor.refused("chat", text="@file:missing.py"))["code"] == -31018
        assert (await editor.refused("chat", text="@file:pool.py#L7-9"))["code"] == -32602
