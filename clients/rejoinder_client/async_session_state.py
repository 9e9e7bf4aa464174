"""What a program keeps with a session, and what it holds back until it saves."""

from collections.abc import Awaitable, Mapping
from typing import Any

from rejoinder_client.session_of_client import SessionOfClient


class SessionValues(SessionOfClient):
    """The state of the session, each user's own."""

    @property
    def state(self) -> Awaitable[dict[str, Any]]:
        """A copy of the state."""
        return self._values.all()

    async def save_state(self, values: Mapping[str, Any]) -> None:
        """Make these the state, stored at once in the place of what it was.

        Values are JSON, dates and datetimes, which come back as they are here. Raises InvalidParams for another one,
        and says which; the state is as it was then.
        """
        await self._values.put(values)

    async def restore_state(self) -> dict[str, Any]:
        """A copy of the state: what was saved here, by any program, at any time."""
        return await self._values.all()

    async def get_state(self, key: str, default: Any = None) -> Any:
        """One value of the state, or the default where there is none."""
        return await self._values.get(key, default)

    async def set_state(self, key: str, value: Any) -> None:
        """Set one value of the state."""
        await self._values.set({key: value})

    async def update_state(self, values: Mapping[str, Any]) -> None:
        """Set several values of the state; the others stay."""
        await self._values.set(values)

    async def clear_state(self, key: str | None = None) -> None:
        """Forget one value, or all."""
        await self._values.clear(key)

    @property
    def is_saved(self) -> bool:
        """Whether nothing waits here for `save`."""
        return self._values.is_saved and not self._by_hand.waiting

    async def save(self) -> list[str]:
        """Store the messages that wait, whose IDs are the answer, and the state. What cannot be stored waits on."""
        added = await self._by_hand.save()
        await self._values.save()
        return added
