"""Knowledge through real processes: a real PDF, pages that are served, folders, texts; found in turns, and removed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from documents_kit import html_page, make_pdf
from e2e.command import Command
from e2e.kit import SECRET, Home, sent_texts
from e2e.python_kit import program
from fake_model import FakeModel, Reply
from rejoinder_client import Progress
from rejoinder_client.errors import NotTrusted

PAGE = html_page(
    "Boiler manual",
    '<h1 id="boiler">Boiler</h1><p>General words.</p><h2 id="descaling">Descaling</h2>'
    "<p>Descale the boiler with quintessential vinegar every ninth week.</p>",
)


PATIENT_TURNS = 20


class Site:
    """Pages on this machine. What has no page is not found; `slow` waits until it is let go."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {"/manual": PAGE.encode()}
        self.asked: list[str] = []
        self.let_go = threading.Event()
        self.waiting = threading.Event()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                if self.path == "/slow":
                    site.waiting.set()
                    site.let_go.wait(60)
                body = site.pages.get(self.path)
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever)
    thread.start()
    yield site
    site.close()
    thread.join()


@pytest.fixture
def project(project: Path) -> Path:
    """A project with a handbook of three pages, which the index of its files cannot read."""
    make_pdf(
        project / "handbook.pdf",
        ["The first page is about nothing.", "The turbine bearing takes seven grams of grease.", "The last page."],
    )
    return project


async def test_s4_03_lsp_a_pdf_a_page_and_a_text_are_found_with_their_places(
    home: Home, project: Path, site: Site
) -> None:
    async with home.editor(project) as editor:
        pdf = await editor.call("knowledge/add", source="handbook.pdf")
        assert pdf["kind"] == "file" and pdf["chunks"] == 3 and pdf["title"] == "handbook.pdf"
        page = await editor.run("knowledge/add", source=f"{site.url}/manual", allowPrivate=True)
        assert page["kind"] == "url" and page["title"] == "Boiler manual"
        text = await editor.call("knowledge/add", source="The spare key hangs behind the clock.", title="Keys")
        hit = (await editor.call("knowledge/search", query="grease of the turbine bearing"))["hits"][0]
        assert hit["uri"] == (project / "handbook.pdf").as_uri() + "#page=2" and hit["scope"] == "page 2"
        assert hit["source"] == "knowledge" and "seven grams" in hit["text"]
        hit = (await editor.call("knowledge/search", query="descale with vinegar", limit=1))["hits"][0]
        assert hit["uri"] == f"{site.url}/manual#descaling" and hit["scope"] == "Boiler › Descaling"
        hit = (await editor.call("knowledge/search", query="where is the spare key", limit=1))["hits"][0]
        assert hit["uri"] == f"rejoinder:/knowledge/{text['knowledgeId']}" and hit["scope"] == "Keys"
        listed = (await editor.call("knowledge/list"))["knowledge"]
        assert [item["knowledgeId"] for item in listed] == [item["knowledgeId"] for item in (text, page, pdf)]


async def test_s4_03_lsp_every_turn_finds_it_and_cites_the_page(home: Home, project: Path, model: FakeModel) -> None:
    options = {"retrieve": True}
    async with home.editor(project, model=model, options=options) as editor:
        await editor.call("knowledge/add", source="handbook.pdf")
        await editor.call("knowledge/search", query="grease")
        # a turn with a model waits for what it recalls a quarter of a second at most, and a machine may be busy
        for _ in range(PATIENT_TURNS):
            model.script(Reply(text="It takes seven grams (handbook.pdf, page 2)."))
            result = await editor.call("chat", text="How much grease does the turbine bearing take?")
            sent = "\n".join(sent_texts(await model.next_request()))
            if "[passage from handbook.pdf, page 2]" in sent:
                break
        assert "[passage from handbook.pdf, page 2]" in sent and "seven grams of grease" in sent
        [citation] = result["citations"]
        assert citation["uri"].endswith("handbook.pdf#page=2") and citation["label"] == "handbook.pdf, page 2"


async def test_s4_03_lsp_without_a_model_the_answer_quotes_it_and_names_the_page(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("knowledge/add", source="handbook.pdf")
        result = await editor.call("chat", text="How much grease does the turbine bearing take?")
        assert "**handbook.pdf, page 2**" in result["text"] and "seven grams" in result["text"]
        cited = [citation for citation in result["citations"] if citation["uri"].endswith("handbook.pdf#page=2")]
        assert cited and cited[0]["label"] == "handbook.pdf, page 2"


async def test_s4_03_lsp_a_folder_is_added_without_what_is_ignored(home: Home, project: Path) -> None:
    notes = project / "notes"
    (notes / "deep").mkdir(parents=True)
    (notes / ".gitignore").write_text("private.md\n")
    (notes / "private.md").write_text("The walrus is unmentionable.\n")
    (notes / "open.md").write_text("# Animals\n\nThe narwhal is mentionable.\n")
    (notes / "deep" / "more.md").write_text("The manatee, too.\n")
    (notes / "picture.bin").write_bytes(b"\0\1\2" * 100)
    async with home.editor(project) as editor:
        item = await editor.call("knowledge/add", source="notes")
        assert item["kind"] == "folder" and item["chunks"] == 3
        assert "picture.bin" in item["error"]
        found = (await editor.call("knowledge/search", query="narwhal walrus manatee"))["hits"]
        assert {"open.md", "more.md"} <= {Path(hit["uri"]).name for hit in found}
        assert not any("unmentionable" in hit["text"] for hit in found)


async def test_s4_03_lsp_a_changed_file_is_read_anew_and_a_gone_one_says_so(home: Home, project: Path) -> None:
    note = project / "pumps.md"
    note.write_text("The pump is called Ophelia.\n")
    async with home.editor(project) as editor:
        item = await editor.call("knowledge/add", source="pumps.md")

        def changed(kind: int) -> None:
            changes = [{"uri": note.as_uri(), "type": kind}]
            editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})

        note.write_text("The pump has been renamed to Cordelia.\n")
        changed(2)
        hits = (await editor.call("knowledge/search", query="what is the name of the pump"))["hits"]
        assert [hit["text"] for hit in hits] == ["The pump has been renamed to Cordelia."]
        note.unlink()
        changed(3)
        hits = (await editor.call("knowledge/search", query="what is the name of the pump"))["hits"]
        assert "Cordelia" in hits[0]["text"]
        listed = (await editor.call("knowledge/list"))["knowledge"]
        assert listed[0]["knowledgeId"] == item["knowledgeId"] and "not there any more" in listed[0]["error"]


async def test_s4_03_lsp_a_page_is_fetched_when_it_is_added_and_at_no_other_time(
    home: Home, project: Path, site: Site
) -> None:
    site.pages["/news"] = html_page("News", "<p>The ferry leaves at noon.</p>").encode()
    async with home.editor(project) as editor:
        first = await editor.call("knowledge/add", source=f"{site.url}/news", allowPrivate=True)
        site.pages["/news"] = html_page("News", "<p>The ferry leaves at dusk.</p>").encode()
        await editor.call("knowledge/search", query="when does the ferry leave")
        assert site.asked.count("/news") == 1
        again = await editor.call("knowledge/add", source=f"{site.url}/news", allowPrivate=True)
        assert again["knowledgeId"] == first["knowledgeId"] and again["addedAt"] == first["addedAt"]
        hits = (await editor.call("knowledge/search", query="when does the ferry leave"))["hits"]
        assert [hit["text"] for hit in hits] == ["The ferry leaves at dusk."]
        assert len((await editor.call("knowledge/list"))["knowledge"]) == 1


async def test_s4_03_lsp_of_a_session_counts_there_alone_and_goes_with_it(home: Home, project: Path) -> None:
    async with home.editor(project) as editor:
        await editor.call("session/create", sessionId="own")
        await editor.call("session/create", sessionId="other")
        await editor.call("knowledge/add", source="The password hint is pomegranate.", title="Hint", sessionId="own")
        query = {"query": "what is the password hint"}
        assert (await editor.call("knowledge/search", sessionId="own", **query))["hits"]
        assert not (await editor.call("knowledge/search", sessionId="other", **query))["hits"]
        assert not (await editor.call("knowledge/search", **query))["hits"]
        assert not (await editor.call("knowledge/list"))["knowledge"]
        assert (await editor.refused("knowledge/add", source="x y", title="X", sessionId="none"))["code"] == -31001
        await editor.call("session/delete", sessionId="own", permanent=True)
        assert b"pomegranate" not in home.everything_written()


async def test_s4_03_lsp_progress_is_told_and_a_cancel_leaves_nothing(home: Home, project: Path, site: Site) -> None:
    make_pdf(project / "long.pdf", [f"Page {number} speaks of xylophones." for number in range(300)])
    async with home.editor(project, capabilities={"window": {"workDoneProgress": True}}) as editor:
        await editor.call("knowledge/add", source="long.pdf", workDoneToken="w1")
        values = [told["value"] for told in editor.taken("$/progress") if told["token"] == "w1"]
        assert values[0]["kind"] == "begin" and values[0]["cancellable"] and values[-1]["kind"] == "end"
        assert any("of 300" in value.get("message", "") for value in values[1:-1])
        await editor.call("knowledge/clear")
        site.waiting.clear()
        request = editor.send_for("knowledge/add", source=f"{site.url}/slow", allowPrivate=True, workDoneToken="w2")
        while not site.waiting.is_set():
            await editor.call("knowledge/list")
        editor.notify("window/workDoneProgress/cancel", {"token": "w2"})
        assert (await editor.error_of(request))["code"] == -32800
        request = editor.send_for("knowledge/add", source="long.pdf", workDoneToken="w3")
        await editor.message(lambda message: "of 300" in json.dumps(message))
        editor.notify("$/cancelRequest", {"id": request})
        assert (await editor.error_of(request))["code"] == -32800
        assert not (await editor.call("knowledge/list"))["knowledge"]
    assert b"xylophone" not in home.everything_written()


async def test_s4_03_lsp_what_is_removed_is_gone_from_every_file(home: Home, project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    make_pdf(outside, ["The flamingo protocol is secret.", "Another page."])
    async with home.editor(project) as editor:
        refused = await editor.refused("knowledge/add", source=str(outside))
        assert refused["code"] == -31016 and "outside" in refused["message"]
        item = await editor.call("knowledge/add", source=str(outside), allowOutside=True)
        other = await editor.call("knowledge/add", source="The pelican protocol is public.", title="Pelicans")
        assert (await editor.call("knowledge/search", query="flamingo protocol"))["hits"]
        assert b"flamingo" in home.everything_written()
        await editor.call("knowledge/remove", knowledgeId=item["knowledgeId"])
        assert b"flamingo" not in home.everything_written()
        hits = (await editor.call("knowledge/search", query="flamingo protocol"))["hits"]
        assert all("pelican" in hit["text"] for hit in hits)
        assert (await editor.refused("knowledge/remove", knowledgeId=item["knowledgeId"]))["code"] == -31018
        assert (await editor.call("knowledge/clear"))["removed"] == 1
        assert b"pelican" not in home.everything_written()
        assert other["title"] == "Pelicans"


async def test_s4_03_lsp_it_outlives_the_engine_and_secrets_in_it_are_masked(fresh_home: Home, project: Path) -> None:
    (project / "notes.md").write_text(f"The gateway key is {SECRET} and the gateway is called Hermes.\n")
    async with fresh_home.editor(project) as editor:
        await editor.call("knowledge/add", source="notes.md")
    fresh_home.kill()
    async with fresh_home.editor(project) as editor:
        hit = (await editor.call("knowledge/search", query="what is the gateway called"))["hits"][0]
        assert "Hermes" in hit["text"] and SECRET not in hit["text"]
    assert SECRET.encode() not in fresh_home.everything_written()


def test_s4_03_py_a_pdf_and_a_page_are_added_searched_listed_and_removed(home: Home, project: Path, site: Site) -> None:
    told: list[Progress] = []
    with program(home, project) as client:
        pdf = client.knowledge.add(project / "handbook.pdf", on_progress=told.append)
        page = client.knowledge.add(f"{site.url}/manual", allow_private=True)
        assert (pdf.kind, page.kind) == ("file", "url") and told
        assert client.knowledge.search("turbine bearing grease")[0].scope == "page 2"
        assert client.knowledge.search("vinegar")[0].uri.endswith("/manual#descaling")
        assert [item.knowledge_id for item in client.knowledge.list()] == [page.knowledge_id, pdf.knowledge_id]
        client.knowledge.remove(pdf.knowledge_id)
        assert client.knowledge.clear() == 1 and client.knowledge.list() == []


def test_s4_03_py_a_session_has_knowledge_of_its_own(home: Home, project: Path, site: Site) -> None:
    with program(home, project) as client:
        session = client.session("study")
        session.add_knowledge("Quick reference: the lever is green and must stay down.")
        session.add_knowledge(f"{site.url}/manual", allow_private=True)
        assert "lever is green" in session.search_knowledge("which colour has the lever", limit=1)[0].text
        assert "lever is green" in str(session.run("Which colour has the lever?"))
        assert client.knowledge.list() == [] and len(session.knowledge.list()) == 2
        assert session.clear_knowledge() == 2 and session.search_knowledge("lever") == []


def test_s4_03_py_a_private_address_needs_leave(home: Home, project: Path, site: Site) -> None:
    asked = len(site.asked)
    with program(home, project) as client, pytest.raises(NotTrusted, match="this machine") as caught:
        client.knowledge.add(f"{site.url}/manual")
    assert "allowPrivate" in caught.value.hint and len(site.asked) == asked


def test_s4_03_cli_a_pdf_and_a_page_are_added_searched_listed_and_removed(
    home: Home, project: Path, site: Site, tmp_path: Path
) -> None:
    command = Command(home, project)
    outside = tmp_path / "elsewhere.md"
    outside.write_text("# Oars\n\nThe oars are in the shed.\n")
    said = command("knowledge", "add", "handbook.pdf", f"{site.url}/manual", str(outside), "--allow-private").out
    assert "Added: handbook.pdf, 3 passages" in said and "Added: Boiler manual" in said and "elsewhere.md" in said
    found = command("knowledge", "search", "grease", "of", "the", "turbine").out
    assert "handbook.pdf  page 2" in found and "seven grams" in found
    assert "handbook.pdf" in command("knowledge", "list").out
    text = command.json("knowledge", "add", "-", "--title", "Piped", text="The gong is struck at six.")["knowledge"][0]
    assert text["kind"] == "text" and text["title"] == "Piped"
    hits = command.json("knowledge", "search", "when is the gong struck", "--limit", "1")["hits"]
    assert hits[0]["scope"] == "Piped"
    assert "gong is struck at six" in command("ask", "When is the gong struck?").out
    assert "Removed: Piped" in command("knowledge", "remove", text["knowledgeId"][:6]).out
    assert "Removed: 3 sources." in command("knowledge", "clear", "--yes").out
    assert command("knowledge", "list").out == "Nothing was added.\n"


def test_s4_03_cli_says_what_cannot_be_added_and_adds_the_rest(home: Home, project: Path, site: Site) -> None:
    command = Command(home, project)
    (project / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of it is true")
    ran = command("knowledge", "add", "broken.pdf", "handbook.pdf", "missing.pdf", code=1)
    assert "broken.pdf: This PDF is damaged." in ran.err and "hint: Get it again" in ran.err
    assert "Added: handbook.pdf" in ran.out and "There is no file 'missing.pdf'" in ran.err
    assert command("knowledge", "add", "missing.pdf", code=3).err.startswith("error: There is no file")
    assert "this machine" in command("knowledge", "add", f"{site.url}/manual", code=1).err


def test_s4_03_cli_ctrl_c_cancels(home: Home, project: Path, site: Site) -> None:
    site.waiting.clear()
    command = Command(home, project)
    adding = command.start("knowledge", "add", f"{site.url}/slow", "--allow-private")
    assert site.waiting.wait(60)
    adding.send_signal(2)
    adding.communicate(timeout=60)
    assert adding.returncode == 130
    assert command("knowledge", "list").out == "Nothing was added.\n"
