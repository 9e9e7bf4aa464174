"""A connection uses the searches of the folders that it has, and of no others."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rejoinder.domain.conversation import Project
from rejoinder.lsp.client import Client
from rejoinder.protocol.settings import Settings


class Connection:
    """A client with one folder, which something happens to while its project is looked for."""

    def __init__(self, folder: Path) -> None:
        self.folder_uris = [folder.as_uri()]
        self.workspace = SimpleNamespace(text_documents={})
        self.used: list[str] = []
        services = SimpleNamespace(
            transcripts=SimpleNamespace(is_folder=lambda path: False),
            projects=SimpleNamespace(of_folder=self._of_folder),
            recalling=SimpleNamespace(use=self._use),
            searches=SimpleNamespace(use=lambda project, *_: self.used.append(project.project_id)),
        )
        configuration = SimpleNamespace(resolve=lambda: SimpleNamespace(settings=Settings()))
        given: Mapping[str, Any] = {"services": services, "configuration": configuration, "server": self}
        self.client = Client(
            **{**given, "subscriptions": cast(Any, None), "environment": {}, "offers": cast(Any, None)}
        )
        self.meanwhile = ""

    async def _of_folder(self, folder: Path) -> Project:
        if self.meanwhile == "the folder goes":
            self.folder_uris.clear()
        elif self.meanwhile == "the client goes":
            await self.client.leave()
        return Project(project_id=folder.name, name="", paths=(), created_at=datetime.now(UTC))

    async def _use(self, *_: Any) -> None: ...


@pytest.mark.parametrize(("meanwhile", "used"), [("", ["folder"]), ("the folder goes", []), ("the client goes", [])])
async def test_what_has_gone_while_its_project_was_looked_for_is_not_used(
    tmp_path: Path, meanwhile: str, used: list[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    connection = Connection(folder)
    connection.meanwhile = meanwhile
    await connection.client.open_searches()
    assert connection.used == used and [path.name for path in connection.client.searched] == used
