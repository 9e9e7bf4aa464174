"""A session's state: JSON values that a program keeps with it, for each user apart."""

from collections.abc import Callable, Mapping
from typing import Any

from rejoinder.domain.conversation import DEFAULT_USER
from rejoinder.domain.identifiers import check_id
from rejoinder.domain.users import State, state_of, with_state
from rejoinder.services.conversations import Conversations


class SessionState:
    """The state of all sessions."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def get(self, project_id: str, session_id: str, *, user_id: str = DEFAULT_USER) -> State:
        """A user's values; raises SessionNotFound."""
        return state_of(await self._stored(project_id, session_id), user_id)

    async def set(
        self,
        project_id: str,
        session_id: str,
        values: Mapping[str, Any],
        *,
        replace: bool = False,
        user_id: str = DEFAULT_USER,
    ) -> State:
        """Merge values into a user's, or put them in their place; answers the user's whole state."""
        return await self._change(
            project_id, session_id, user_id, lambda state: {**({} if replace else state), **values}
        )

    async def clear(self, project_id: str, session_id: str, key: str | None, *, user_id: str = DEFAULT_USER) -> State:
        """Take one key out of a user's values, or all; answers what is left."""

        def step(state: State) -> State:
            return {} if key is None else {name: value for name, value in state.items() if name != key}

        return await self._change(project_id, session_id, user_id, step)

    async def _change(self, project_id: str, session_id: str, user_id: str, step: Callable[[State], State]) -> State:
        async with self._conversations.lock(project_id, session_id):
            stored = await self._stored(project_id, session_id)
            changed = with_state(stored, user_id, step(state_of(stored, user_id)))
            await self._conversations.io(self._conversations.store.put_state, project_id, session_id, changed)
            # as it is kept: secrets are masked
            return state_of(await self._stored(project_id, session_id), user_id)

    async def _stored(self, project_id: str, session_id: str) -> State:
        check_id(session_id, "sessionId")
        await self._conversations.session(project_id, session_id)
        return await self._conversations.io(self._conversations.store.state, project_id, session_id)
