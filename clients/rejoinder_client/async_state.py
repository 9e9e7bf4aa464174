"""A user's state in a session: values that a program keeps there. Without `auto_save` its changes wait here."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rejoinder.protocol import sessions
from rejoinder_client.values import from_json, mapping_to_json

if TYPE_CHECKING:
    from rejoinder.protocol.types import Session as SessionInfo
    from rejoinder_client.connected_client import ConnectedClient

State = dict[str, Any]


class AsyncState:
    """The state of one user in one session."""

    def __init__(self, client: "ConnectedClient", info: "SessionInfo", user_id: str | None, *, auto_save: bool) -> None:
        self._client = client
        self._address: dict[str, Any] = {
            "session_id": info.session_id,
            "project_id": info.project_id,
            "user_id": user_id,
        }
        self._auto_save = auto_save
        self._empty = False
        """Whether all that is stored is to go before anything is set."""
        self._set: State = {}
        self._cleared: set[str] = set()

    @property
    def is_saved(self) -> bool:
        """Whether no change waits."""
        return not (self._empty or self._set or self._cleared)

    async def all(self) -> State:
        """All values, as they are with the changes that wait."""
        stored = await self._stored(None)
        if self._empty:
            stored = {}
        kept = {key: value for key, value in stored.items() if key not in self._cleared}
        return _decoded({**kept, **self._set})

    async def get(self, key: str, default: Any = None) -> Any:
        """One value, or the default where there is none."""
        if key in self._set:
            return from_json(self._set[key])
        if self._empty or key in self._cleared:
            return default
        found = await self._stored(key)
        return from_json(found[key]) if key in found else default

    async def set(self, values: Mapping[str, Any], *, replace: bool = False) -> None:
        """Merge values into the state, or put them in its place. Raises InvalidParams for what JSON cannot hold."""
        encoded = _encoded(values)
        if self._auto_save:
            await self._send(encoded, replace=replace)
            return
        if replace:
            self._forget(empty=True)
        self._set.update(encoded)
        self._cleared -= encoded.keys()

    async def clear(self, key: str | None = None) -> None:
        """Forget one value, or all."""
        if self._auto_save:
            await self._clear(key)
        elif key is None:
            self._forget(empty=True)
        else:
            self._set.pop(key, None)
            if not self._empty:
                self._cleared.add(key)

    async def put(self, values: Mapping[str, Any]) -> None:
        """Store these values in the place of all, at once, also where changes wait."""
        await self._send(_encoded(values), replace=True)
        self._forget()

    async def save(self) -> None:
        """Store the changes that wait. What cannot be stored goes on waiting."""
        if self._empty or self._set:
            await self._send(self._set, replace=self._empty)
        for key in sorted(self._cleared):
            await self._clear(key)
        self._forget()

    def _forget(self, *, empty: bool = False) -> None:
        self._empty = empty
        self._set.clear()
        self._cleared.clear()

    async def _stored(self, key: str | None) -> State:
        params = sessions.StateGetParams(key=key, **self._address)
        return (await self._client.request(sessions.STATE_GET, params)).state

    async def _send(self, values: State, *, replace: bool) -> None:
        params = sessions.StateSetParams(state=values, replace=replace or None, **self._address)
        await self._client.request(sessions.STATE_SET, params)

    async def _clear(self, key: str | None) -> None:
        await self._client.request(sessions.STATE_CLEAR, sessions.StateGetParams(key=key, **self._address))


def _encoded(values: Mapping[str, Any]) -> State:
    # the keys of the state itself are the program's, whatever they look like
    return mapping_to_json(values, "state")


def _decoded(values: State) -> State:
    return {key: from_json(value) for key, value in values.items()}
