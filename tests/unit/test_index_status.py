"""What a client is told of an index when it asks."""

from types import SimpleNamespace
from typing import Any

from rejoinder.domain.recall import RecallStatus
from rejoinder.domain.retrieval import IndexStatus
from rejoinder.lsp.handlers.project import ProjectHandlers
from rejoinder.protocol import methods


async def test_an_answer_is_not_older_than_what_was_told_while_it_was_made() -> None:
    now = IndexStatus(state="paused")

    async def changes_meanwhile(_: str) -> RecallStatus:
        nonlocal now
        now = IndexStatus(state="ready")
        return RecallStatus()

    async def nothing() -> None:
        pass

    async def project(_: str | None) -> Any:
        return SimpleNamespace(project_id="p")

    services = SimpleNamespace(
        searches=SimpleNamespace(status=lambda _: now),
        recalling=SimpleNamespace(status=changes_meanwhile),
        **dict.fromkeys(("projects", "finding", "sessions")),
    )
    client: Any = SimpleNamespace(services=services, open_searches=nothing, project=project)
    status = await ProjectHandlers(client).index_status(methods.IndexStatusParams())
    assert status.state == "ready"
