"""The main job as real editors would do it: their recorded capabilities, through pytest-lsp's client."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from lsprotocol.converters import get_converter

from e2e.kit import Home, folder_of

EDITORS = ["visual-studio-code", "neovim@v0.11", "neovim@v0.6", "emacs", "helix"]
HELIX = Path(__file__).parent / "recorded" / "helix_v25.07.1.json"


def capabilities_of(editor: str) -> types.ClientCapabilities:
    """What the editor sends; Helix's was recorded here in the form of the others."""
    if editor == "helix":
        return get_converter().structure(json.loads(HELIX.read_text()), types.InitializeParams).capabilities
    return pytest_lsp.client_capabilities(editor)


@pytest.fixture(params=EDITORS)
async def client(request: pytest.FixtureRequest, home: Home, project: Path) -> AsyncIterator[pytest_lsp.LanguageClient]:
    """An editor with the project open, from `initialize` to `exit`."""
    client = pytest_lsp.client.make_test_lsp_client()
    # its default configuration has no section of ours
    client.set_configuration({"retrieve": True}, section="rejoinder")
    await client.start_io(sys.executable, "-m", "rejoinder", "serve", env=home.environment)
    folder = folder_of(project)
    await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities_of(request.param),
            root_uri=folder["uri"],
            workspace_folders=[types.WorkspaceFolder(**folder)],
        )
    )
    yield client
    await client.shutdown_session()
    await client.stop()


async def run(client: pytest_lsp.LanguageClient, command: str, **params: Any) -> Any:
    """A command, which is all that a plain client has."""
    return await client.workspace_execute_command_async(types.ExecuteCommandParams(command, [params]))


async def test_an_editor_is_answered_with_file_and_line_and_finds_it_again(
    client: pytest_lsp.LanguageClient, project: Path
) -> None:
    uri = (project / "draft.py").as_uri()
    document = types.TextDocumentItem(uri, "python", 1, "def quokka():\n    return 'smiles 😀'\n")
    client.text_document_did_open(types.DidOpenTextDocumentParams(document))
    answer = await run(client, "rejoinder.chat", text="How does a ConnectionPool check a connection?", uri=uri)
    assert "pool.py:" in answer["text"] and answer["citations"]
    asked = await run(client, "rejoinder.ask", text="", action="explain", attachments=[{"uri": uri}])
    assert asked["stopReason"] == "end_turn"
    history = await run(client, "rejoinder.session.history", sessionId=answer["sessionId"])
    assert [message["source"] for message in history["messages"]] == ["chat", "chat", "ask", "ask"]
    listed = await run(client, "rejoinder.session.list")
    assert [session["sessionId"] for session in listed["sessions"]] == [answer["sessionId"]]
    assert client.messages == [] and client.error is None


async def test_a_turn_that_is_taken_back_has_a_result(client: pytest_lsp.LanguageClient) -> None:
    client.progress_reports["mine"] = []
    chat = {"text": "Hello?", "sessionId": "s", "workDoneToken": "mine"}
    request = client.workspace_execute_command_async(types.ExecuteCommandParams("rejoinder.chat", [chat]))
    answering = asyncio.ensure_future(request)
    await asyncio.sleep(0)  # so that the request is on its way
    client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams("mine"))
    # it may have been over by then; an error it must not be, because some editors drop it
    assert (await answering)["stopReason"] in ("cancelled", "end_turn")
