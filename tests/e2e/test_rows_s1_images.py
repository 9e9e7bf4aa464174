"""Images that go along with a question: to models that see, kept once by their hash, gone with their session."""

import json
import stat
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from e2e.command import Command, asking
from e2e.kit import Home, text_of
from e2e.python_kit import async_program, program
from fake_model import FakeModel, Reply
from pictures import GIF, JPEG, SVG, WEBP, bomb, png
from rejoinder_client import Message, RejoinderError, image
from rejoinder_client.errors import InvalidParams, ModelNotConfigured, NotFound, TooLarge

SEES = {"model": "openai-compatible:fake-vision"}
IMAGES = {"image/png": png(), "image/jpeg": JPEG, "image/webp": WEBP, "image/gif": GIF}


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def attached(data: bytes, name: str = "shot.png", **fields: Any) -> dict[str, Any]:
    """An image as an editor sends one that was pasted."""
    return {"uri": f"rejoinder:/pasted/{name}", "data": b64encode(data).decode(), **fields}


def seen(request: Any) -> list[bytes]:
    """The images of a request to a model, in their order."""
    contents = [message["content"] for message in request.json["messages"]]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [b64decode(url.partition("base64,")[2]) for url in urls]


def said(request: Any) -> str:
    """All texts of a request to a model."""
    return json.dumps([message["content"] for message in request.json["messages"]])


def kept(home: Home, data: bytes) -> list[Path]:
    """The files of an image, wherever they lie in a home."""
    return [path for path in home.root.rglob(digest(data)) if path.is_file()]


@pytest.mark.parametrize("mime_type", IMAGES)
async def test_s1_07_lsp_a_pasted_image_reaches_the_model_and_lies_once_on_disk(
    home: Home, project: Path, model: FakeModel, mime_type: str
) -> None:
    data = IMAGES[mime_type] + mime_type.encode()
    async with home.editor(project, model=model, options=SEES) as editor:
        for text in ("What is this?", "And now?"):
            await editor.call("chat", text=text, sessionId=digest(data)[:8], attachments=[attached(data)])
            assert seen(model.requests[-1]) == [data]
        (file,) = kept(home, data)
        assert file.read_bytes() == data and stat.S_IMODE(file.stat().st_mode) == 0o600
        history = await editor.call("session/history", sessionId=digest(data)[:8])
        first = history["messages"][0]
        reference = {"uri": "rejoinder:/pasted/shot.png", "mimeType": mime_type, "hash": digest(data)}
        assert first["attachments"] == [reference] and first["source"] == "image"
        assert history["messages"][1]["source"] == "image"
        back = await editor.call("session/attachment", sessionId=digest(data)[:8], hash=digest(data))
        assert back == {"mimeType": mime_type, "data": b64encode(data).decode()}


async def test_s1_07_lsp_an_image_of_the_project_by_its_file(home: Home, project: Path, model: FakeModel) -> None:
    (project / "chart.png").write_bytes(png())
    uri = (project / "chart.png").as_uri()
    async with home.editor(project, model=model, options=SEES) as editor:
        await editor.call("ask", text="What is this?", sessionId="s", attachments=[{"uri": uri}])
        assert seen(model.requests[0]) == [png()] and "[attached image chart.png]" in said(model.requests[0])
        preview = await editor.call("preview", of="chat", text="And this?", sessionId="s", attachments=[{"uri": uri}])
        shown = [message["images"] for message in preview["messages"] if "images" in message]
        assert shown == [[{"mimeType": "image/png", "hash": digest(png()), "bytes": len(png())}]]


async def test_s1_07_lsp_what_is_no_image_is_refused_and_nothing_is_stored(
    home: Home, project: Path, model: FakeModel, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.png"
    outside.write_bytes(png())
    (project / "link.png").symlink_to(outside)
    (project / "empty.png").write_bytes(b"")
    (project / "text.png").write_text("no image")
    (project / "drawing.svg").write_bytes(SVG)
    refusals: list[tuple[dict[str, Any], int]] = [
        ({"uri": outside.as_uri()}, -31016),
        ({"uri": (project / ".." / "outside.png").as_uri()}, -31016),
        ({"uri": (project / "link.png").as_uri()}, -31016),
        ({"uri": (project / "empty.png").as_uri()}, -32602),
        ({"uri": (project / "text.png").as_uri()}, -32602),
        ({"uri": (project / "drawing.svg").as_uri(), "mimeType": "image/svg+xml"}, -32602),
        ({"uri": (project / "missing.png").as_uri()}, -31018),
        (attached(SVG, "drawing.svg"), -32602),
        (attached(b""), -32602),
        (attached(b"%PDF-1.7"), -32602),
        ({**attached(png()), "data": "no base64!"}, -32602),
        (attached(png(padding=10_500_000)), -31019),
        ({"uri": "rejoinder:/x.png", "hash": "../../../../etc/passwd"}, -32602),
        ({"uri": "rejoinder:/x.png", "hash": "0" * 64}, -31018),
    ]
    async with home.editor(project, model=model, options=SEES) as editor:
        for attachment, code in refusals:
            error = await editor.refused("chat", text="What is this?", sessionId="s", attachments=[attachment])
            assert error["code"] == code, (attachment["uri"], error)
        for red in range(3):
            (project / f"{red}.png").write_bytes(png(red=red, padding=7_500_000))
        too_large = [{"uri": (project / f"{red}.png").as_uri()} for red in range(3)]
        too_many = [attached(png(red=red)) for red in range(21)]
        for together in (too_large, too_many):
            error = await editor.refused("chat", text="And these?", sessionId="s", attachments=together)
            assert error["code"] == -31019
        assert model.requests == []
        sessions = await editor.call("session/list")
        assert sum(session["messageCount"] for session in sessions["sessions"]) == 0
        assert "drawing.svg" in (
            await editor.call("chat", text="As text?", attachments=[{"uri": (project / "drawing.svg").as_uri()}])
            and said(model.requests[0])
        )


async def test_s1_07_lsp_a_bomb_is_never_unpacked(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model, options=SEES) as editor:
        await editor.call("chat", text="How large?", attachments=[attached(bomb())])
        assert seen(model.requests[0]) == [bomb()]


async def test_s1_07_lsp_a_model_that_does_not_see_gets_none(home: Home, project: Path, model: FakeModel) -> None:
    async with home.editor(project, model=model) as editor:
        error = await editor.refused("chat", text="What is this?", sessionId="blind", attachments=[attached(png())])
        assert error["code"] == -31004 and "vision" in error["data"]["hint"]
        assert (await editor.refused("session/get", sessionId="blind"))["code"] == -31001
        assert model.requests == []
        models = await editor.call("models")
        assert not next(each for each in models["models"] if each["id"] == "openai-compatible:fake")["vision"]
    async with home.editor(project) as editor:
        error = await editor.refused("ask", text="What is this?", attachments=[attached(png())])
        assert error["code"] == -31004 and "none is set" in error["message"]


async def test_s1_07_lsp_the_images_shown_last_are_sent_again_the_others_by_name(
    home: Home, project: Path, model: FakeModel
) -> None:
    first, second = png(red=1), png(red=2)
    async with home.editor(project, model=model, options=SEES) as editor:
        await editor.call("chat", text="One?", sessionId="s", attachments=[attached(first, "one.png")])
        await editor.call("chat", text="More of it?", sessionId="s")
        assert seen(model.requests[1]) == [first]
        await editor.call("chat", text="Two?", sessionId="s", attachments=[attached(second, "two.png")])
        assert seen(model.requests[2]) == [second] and "one.png" in said(model.requests[2])
        await editor.call("chat", text="Still two?", sessionId="s")
        assert seen(model.requests[3]) == [second] and "one.png" in said(model.requests[3])
        asked = (await editor.call("session/history", sessionId="s"))["messages"][4]
        await editor.call("chat", text="", sessionId="s", parentId=asked["messageId"])
        assert seen(model.requests[4]) == [second]
        again = {"uri": "rejoinder:/pasted/one.png", "hash": digest(first)}
        await editor.call("chat", text="That one?", sessionId="s", attachments=[again])
        assert seen(model.requests[5]) == [first]
        await editor.call("chat", text="In words", sessionId="s", model="openai-compatible:fake")
        assert seen(model.requests[6]) == [] and "one.png" in said(model.requests[6])


async def test_s1_07_lsp_an_image_can_be_read_while_its_turn_runs_and_is_kept_with_its_end(
    home: Home, project: Path, model: FakeModel
) -> None:
    data, gate = png(red=77), model.gate()
    model.script(Reply(text="red", gate=gate), Reply(status=400))
    async with home.editor(project, model=model, options=SEES) as editor:
        asked = editor.send_for("chat", text="Which colour?", sessionId="runs", attachments=[attached(data)])
        told = await editor.update("user_message")
        assert told["update"]["message"]["attachments"][0]["hash"] == digest(data)
        back = await editor.call("session/attachment", sessionId="runs", hash=digest(data))
        assert b64decode(back["data"]) == data and kept(home, data) == []
        gate.open()
        await editor.result_of(asked)
        assert text_of(editor.taken()) == "red" and len(kept(home, data)) == 1
        await editor.refused("chat", text="And this?", sessionId="fails", attachments=[attached(png(red=78))])
        assert kept(home, png(red=78)) == []
        quick = await editor.call("chat", text="Quick", ephemeral=True, attachments=[attached(png(red=79))])
        assert quick["text"] and kept(home, png(red=79)) == []


async def test_s1_07_lsp_images_go_along_with_copies_and_go_with_the_last(
    home: Home, project: Path, model: FakeModel, tmp_path: Path
) -> None:
    data = png(red=99)
    async with home.editor(project, model=model, options=SEES) as editor:
        await editor.call("chat", text="What?", sessionId="a", attachments=[attached(data)])
        await editor.call("session/fork", sessionId="a", newSessionId="b")
        exported = (await editor.call("session/export", sessionIds=["a"], format="json"))["content"]
        readable = (await editor.call("session/export", sessionIds=["a"], format="markdown"))["content"]
        assert "![rejoinder:/pasted/shot.png](<rejoinder:/pasted/shot.png>)" in readable
        await editor.call("session/delete", sessionId="a", permanent=True)
        assert b64decode((await editor.call("session/attachment", sessionId="b", hash=digest(data)))["data"]) == data
        await editor.call("session/import", format="json", content=exported)
        assert b64decode((await editor.call("session/attachment", sessionId="a", hash=digest(data)))["data"]) == data
        archive = str(tmp_path / "all.zip")
        await editor.call("backup/create", path=archive)
        await editor.call("session/delete", sessionId="a")
        assert len(kept(home, data)) == 2
        for session_id in ("a", "b"):
            await editor.call("session/delete", sessionId=session_id, permanent=True)
        assert kept(home, data) == [] and data not in home.everything_written()
        await editor.call("backup/restore", path=archive, replace=True)
        assert b64decode((await editor.call("session/attachment", sessionId="b", hash=digest(data)))["data"]) == data
        await editor.call("session/clear", sessionId="b")
        await editor.call("session/delete", sessionId="a", permanent=True)
        assert kept(home, data) == []


async def test_s1_07_lsp_a_store_of_rows_keeps_them_too(fresh_home: Home, project: Path, model: FakeModel) -> None:
    data = png(red=55)
    fresh_home.config.parent.mkdir(parents=True)
    fresh_home.config.write_text('store = "sqlite"\n')
    async with fresh_home.editor(project, model=model, options=SEES) as editor:
        await editor.call("chat", text="What?", sessionId="a", attachments=[attached(data)])
        assert b64decode((await editor.call("session/attachment", sessionId="a", hash=digest(data)))["data"]) == data
        await editor.call("session/delete", sessionId="a", permanent=True)
        assert data not in fresh_home.everything_written()


def test_s1_07_py_images_by_path_and_by_their_bytes(
    home: Home, project: Path, model: FakeModel, tmp_path: Path
) -> None:
    (tmp_path / "chart.png").write_bytes(png())
    with program(home, project, model=model, options=SEES) as client:
        session = client.session("analysis_2025")
        session.ask("Explain this chart", images=[tmp_path / "chart.png", JPEG])
        assert seen(model.requests[0]) == [png(), JPEG]
        session.run("And this?", images=[str(tmp_path / "chart.png")])
        found = session.messages[0]
        assert found.source == "image"
        assert [each.hash for each in found.attachments or ()] == [digest(png()), digest(JPEG)]
        assert session.attachment(digest(JPEG)) == JPEG
        client.ask("And now?", images=[image(GIF)], session_id="analysis_2025")
        assert seen(model.requests[2]) == [GIF]
        with pytest.raises(NotFound):
            session.attachment("0" * 64)
        with pytest.raises(NotFound):
            session.run("What?", images=[tmp_path / "nowhere.png"])
        with pytest.raises(InvalidParams):
            session.run("What?", images=[b"no image"])
        (tmp_path / "large.png").write_bytes(png(padding=10_500_000))
        with pytest.raises(TooLarge):
            session.run("What?", images=[tmp_path / "large.png"])
        copy = client.session("copy", messages=[Message.user("Hello"), *session.messages])
        assert copy.messages[1].attachments and copy.to_dict()
    with program(home, project, model=model) as client, pytest.raises(ModelNotConfigured):
        client.ask("What?", images=[png()])


async def test_s1_07_py_with_an_event_loop(home: Home, project: Path, model: FakeModel) -> None:
    async with async_program(home, project, model=model, options=SEES) as client:
        session = await client.session("loop")
        await session.run("What?", images=[WEBP])
        assert seen(model.requests[0]) == [WEBP]
        assert await session.attachment(digest(WEBP)) == WEBP
        with pytest.raises(RejoinderError):
            await session.run("What?", images=[SVG])


def test_s1_07_cli_an_image_goes_along(home: Home, project: Path, model: FakeModel, tmp_path: Path) -> None:
    (tmp_path / "chart.png").write_bytes(png(red=12))
    run = Command(home, project)
    sees = asking(model, "fake-vision")
    run("ask", "Explain", "--image", str(tmp_path / "chart.png"), "--session", "new-one", *sees)
    assert seen(model.requests[0]) == [png(red=12)]
    shown = run("history", "show", "--session", "new-one").out
    assert "image" in shown and "chart.png" in shown
    assert "is no image" in run("ask", "Explain", "--image", str(project / "pool.py"), *sees, code=1).err
    assert "cannot be read" in run("ask", "Explain", "--image", "nowhere.png", *sees, code=3).err
    ran = run("ask", "Explain", "--image", str(tmp_path / "chart.png"), *asking(model), code=1)
    assert "vision" in ran.err and len(model.requests) == 1
