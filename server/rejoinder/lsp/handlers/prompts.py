"""Prompt files: which there are."""

from rejoinder.domain.prompt_files import PromptFile
from rejoinder.lsp.client import Client
from rejoinder.lsp.handlers.agents import places_of
from rejoinder.protocol import methods


def register(client: Client) -> None:
    """Serve the method of prompts."""

    async def list_(params: methods.PromptsListParams) -> methods.PromptsListResult:
        project = await client.project(params.project_id, params.uri)
        found = await client.services.prompting.listed(places_of(client, project))
        return methods.PromptsListResult([_out(prompt) for prompt in found.prompts], found.notes)

    client.server.handle(methods.PROMPTS_LIST, list_)


def _out(prompt: PromptFile) -> methods.PromptInfo:
    return methods.PromptInfo(
        name=prompt.name,
        source=prompt.source,
        description=prompt.description or None,
        argument_hint=prompt.argument_hint or None,
    )
