"""What a session of a program that saves by itself holds back: messages that were added and are not stored yet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rejoinder.protocol import sessions
from rejoinder.protocol.types import NewMessage

if TYPE_CHECKING:
    from rejoinder.protocol.types import Session as SessionInfo
    from rejoinder_client.connected_client import ConnectedClient


class AsyncMessagesWaiting:
    """Messages by hand on their way to a session's end."""

    def __init__(self, client: "ConnectedClient", info: "SessionInfo", user_id: str | None, *, auto_save: bool) -> None:
        self._client = client
        self._address: dict[str, Any] = {
            "session_id": info.session_id,
            "project_id": info.project_id,
            "user_id": user_id,
        }
        self._auto_save = auto_save
        self._waiting: list[NewMessage] = []

    @property
    def waiting(self) -> list[NewMessage]:
        """A copy of those that are not stored yet, oldest first."""
        return list(self._waiting)

    async def add(self, messages: Sequence[NewMessage]) -> list[str]:
        """Store messages and answer their IDs; those that wait have none yet."""
        self._waiting += messages
        return await self.save() if self._auto_save else []

    async def save(self) -> list[str]:
        """Store what waits; answers the new messages' IDs. When that fails, with `auto_save` nothing is kept here."""
        messages = self._waiting
        if not messages:
            return []
        self._waiting = []
        try:
            params = sessions.SessionAddParams(messages=messages, **self._address)
            return (await self._client.request(sessions.SESSION_ADD, params)).message_ids
        except BaseException:
            if not self._auto_save:
                self._waiting = messages + self._waiting
            raise
