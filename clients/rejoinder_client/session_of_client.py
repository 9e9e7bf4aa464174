"""A session as its client has it: which one it is, and who speaks in it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.async_state import AsyncState
from rejoinder_client.async_waiting import AsyncMessagesWaiting
from rejoinder_client.options import TurnOptions

if TYPE_CHECKING:
    from rejoinder_client.async_client import AsyncClient

T = TypeVar("T", bound=TurnOptions)


class Address(TypedDict):
    """Which session, exactly."""

    session_id: str
    project_id: str


class SessionOfClient:
    """What every part of AsyncSession needs."""

    def __init__(
        self, client: "AsyncClient", info: SessionInfo, *, user_id: str | None = None, auto_save: bool = True
    ) -> None:
        self.info = info
        """The session as it was last heard of; `refresh` asks again."""
        self.user_id = user_id
        """Who speaks here; None is the default user."""
        self.auto_save = auto_save
        """Whether everything is stored at once."""
        self._client = client
        self._values = AsyncState(client, info, user_id, auto_save=auto_save)
        self._by_hand = AsyncMessagesWaiting(client, info, user_id, auto_save=auto_save)

    @property
    def session_id(self) -> str:
        """The exact ID."""
        return self.info.session_id

    @property
    def metadata(self) -> dict[str, Any]:
        """A copy of the values that go along with the session; `update` changes them."""
        return dict(self.info.metadata)

    @property
    def created_at(self) -> datetime:
        """When it was made, in UTC."""
        return datetime.fromisoformat(self.info.created_at)

    @property
    def last_activity(self) -> datetime:
        """When it was last changed, as it was last heard of, in UTC."""
        return datetime.fromisoformat(self.info.updated_at)

    @property
    def session_dir(self) -> Path | None:
        """The folder of the server's sessions, this one among them; None when the server does not tell."""
        folder = self._client.server.data_dir
        return None if folder is None else Path(folder)

    @property
    def is_remote(self) -> bool:
        """Whether it is reached over a network."""
        return False

    def _as_user(self, options: T) -> T:
        return cast(T, {"user_id": self.user_id, **options}) if self.user_id is not None else options

    @property
    def _address(self) -> Address:
        return {"session_id": self.info.session_id, "project_id": self.info.project_id}
