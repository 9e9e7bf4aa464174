"""A session as its client has it: which one it is, and who speaks in it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from rejoinder.protocol import tools
from rejoinder.protocol.types import Session as SessionInfo
from rejoinder_client.async_state import AsyncState
from rejoinder_client.async_waiting import AsyncMessagesWaiting
from rejoinder_client.kept_agents import KeptAgents
from rejoinder_client.options import TurnOptions

if TYPE_CHECKING:
    from rejoinder_client.agents import AnyAgent
    from rejoinder_client.approvals import OnApproval
    from rejoinder_client.async_client import AsyncClient
    from rejoinder_client.tools import AnyTool

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
        self.tools: Sequence[AnyTool] | None = None
        """The tools of turns that name none: functions of the program, names of the server's own."""
        self.on_approval: OnApproval | None = None
        """Who decides on calls that wait for a yes, in turns that say nothing else."""
        self._client = client
        self._offered: Sequence[AnyTool] | None = None
        self._values = AsyncState(client, info, user_id, auto_save=auto_save)
        self._kept_agents = KeptAgents(client, info)
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

    async def offer_functions(self) -> None:
        """Have the functions among `tools` called in turns that an earlier connection has left waiting.

        It is done when the session is opened with tools, and before a decision.
        """
        if not any(callable(each) for each in self.tools or ()) or self._offered == list(self.tools or ()):
            return
        from rejoinder_client.tools import functions_in

        functions = functions_in(self.tools or ())
        self._client.tool_desk.offer(self.session_id, functions)
        offered = [function.declared for function in functions.values()]
        params = tools.ToolOfferParams(functions=offered, user_id=self.user_id, **self._address)
        await self._client.request(tools.TOOL_OFFER, params)
        self._offered = list(self.tools or ())

    async def _ready(self, options: TurnOptions) -> None:
        """Send what has to be there before a turn: messages that wait, and the agent who answers."""
        await self._by_hand.save()
        await self._kept_agents.ready(options.get("agent"))

    def _with_own(self, options: T) -> T:
        agent = cast("AnyAgent | None", options.get("agent"))
        # an agent that is only named has its tools there
        tools = self.tools if agent is None or not isinstance(agent, str) else None
        if agent is not None and (of_agent := self._kept_agents.tools_of(agent)) is not None:
            tools = of_agent
        own = {"user_id": self.user_id, "tools": tools, "on_approval": self.on_approval}
        return cast(T, {**{key: value for key, value in own.items() if value is not None}, **options})

    @property
    def _address(self) -> Address:
        return {"session_id": self.info.session_id, "project_id": self.info.project_id}
