"""Values that a program keeps with a session."""

from rejoinder.domain.users import user_of
from rejoinder.lsp.client import Client
from rejoinder.protocol import methods

StateParams = methods.StateGetParams | methods.StateSetParams


def register(client: Client) -> None:
    """Serve the methods of a session's state."""
    states = client.services.states

    async def project_id(params: StateParams) -> str:
        return (await client.project(params.project_id, params.uri)).project_id

    async def get(params: methods.StateGetParams) -> methods.StateResult:
        user_id = user_of(params.user_id)
        state = await states.get(await project_id(params), params.session_id, user_id=user_id)
        if params.key is not None:
            state = {params.key: state[params.key]} if params.key in state else {}
        return methods.StateResult(state)

    async def set_(params: methods.StateSetParams) -> methods.StateResult:
        user_id, replace = user_of(params.user_id), bool(params.replace)
        state = await states.set(
            await project_id(params), params.session_id, params.state, replace=replace, user_id=user_id
        )
        return methods.StateResult(state)

    async def clear(params: methods.StateGetParams) -> methods.StateResult:
        user_id = user_of(params.user_id)
        state = await states.clear(await project_id(params), params.session_id, params.key, user_id=user_id)
        return methods.StateResult(state)

    client.server.handle(methods.STATE_GET, get)
    client.server.handle(methods.STATE_SET, set_)
    client.server.handle(methods.STATE_CLEAR, clear)
