"""Prompt files: which there are, and what a question asks that calls one.

A name is looked for in the user's files, then in the project's, which are read only when the project is trusted.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from rejoinder.declared import frozen
from rejoinder.domain.assembly import attached_name
from rejoinder.domain.errors import InvalidInput, NotTrusted
from rejoinder.domain.mentions import slash_command
from rejoinder.domain.names import shown_path
from rejoinder.domain.prompt_files import (
    PromptFile,
    as_attachment,
    can_be_called,
    expanded,
    wanted,
    without_expansions,
)
from rejoinder.services.agents import Places
from rejoinder.services.named_files import NamedFiles, ReadFiles
from rejoinder.services.request import TurnRequest

_UNREAD = "Not read until the project is trusted"


@frozen
class Prompts:
    """The prompts that can be called, and by the names of the others why they cannot."""

    prompts: Sequence[PromptFile]
    faults: Mapping[str, str]
    untrusted: Sequence[str] = ()

    @property
    def notes(self) -> list[str]:
        """Sentences about those that cannot be called."""
        notes = list(self.faults.values())
        if self.untrusted:
            named = ", ".join(self.untrusted[:10])
            notes.append(f"The project's own prompts are not read until it is trusted: {named}.")
        return notes

    def proposed(self) -> list[tuple[str, str]]:
        """Each name and what is said of it; of one that cannot be called, why."""
        good = [(prompt.name, prompt.description or prompt.argument_hint) for prompt in self.prompts]
        others = [*self.faults.items(), *((name, _UNREAD) for name in self.untrusted)]
        return [*good, *((name, why) for name, why in others if can_be_called(name))]


class Prompting:
    """Finds prompts, and puts what they say into requests."""

    def __init__(self, files: NamedFiles[PromptFile]) -> None:
        self._files = files

    async def listed(self, places: Places) -> Prompts:
        """What can be called, and what cannot."""
        return await asyncio.to_thread(self._listed, places.folder, places.project.trusted)

    async def applied(self, request: TurnRequest, places: Places) -> TurnRequest:
        """The request with what its prompt asks, if its text calls one.

        Raises InvalidInput for one that is not written well, and NotTrusted.
        """
        attachments = without_expansions(request.attachments)
        request = attrs.evolve(request, attachments=attachments)
        called = slash_command(request.text) if request.action is None else None
        if called is None:
            return request
        name, typed = called
        prompt = _chosen(name, await self.listed(places))
        if prompt is None:
            return request
        names = wanted(prompt)
        file = await _file(request, places.folder) if "file" in names else None
        selection = await _selection(request, places.folder) if "selection" in names else ""
        text = expanded(prompt, typed, file=file, selection=selection)
        return attrs.evolve(request, attachments=(*attachments, as_attachment(prompt.name, text)))

    def _listed(self, folder: Path | None, trusted: bool) -> Prompts:
        read = [self._files.own()]
        unread: Sequence[str] = ()
        if folder is not None and trusted:
            read.append(self._files.of(folder))
        elif folder is not None:
            unread = self._files.names_in(folder)
        return _merged(read, unread)


def _merged(read: Sequence[ReadFiles[PromptFile]], unread: Sequence[str]) -> Prompts:
    """One prompt of each name: of the first place that has this name, even if only as a fault."""
    good: dict[str, PromptFile] = {}
    faults: dict[str, str] = {}
    for part in read:
        before = {*good, *faults}
        good |= {one.name: one for one in part.found if one.name not in before}
        faults |= {name: fault for name, fault in part.faults.items() if name not in before}
    untrusted = [name for name in unread if name not in good and name not in faults]
    return Prompts(list(good.values()), faults, untrusted)


def _chosen(name: str, found: Prompts) -> PromptFile | None:
    """The prompt of this name; None when there is none, and the text is just a text."""
    for prompt in found.prompts:
        if prompt.name == name:
            return prompt
    if name in found.faults:
        raise InvalidInput(found.faults[name], hint="Correct the file.", key="text")
    if name in found.untrusted:
        hint = "Look into `.rejoinder/prompts`, then trust the project (`rejoinder project trust`)."
        raise NotTrusted(f"the project's own prompt {name!r}", hint=hint)
    return None


async def _file(request: TurnRequest, folder: Path | None) -> str | None:
    """The file at hand as a question names it: the request's, the one that the editor used last, or an attached one."""
    uri = request.uri
    if uri is None:
        uri = next((one for one in (await request.workspace.seen(None)).recent if one.startswith("file:")), None)
    attached = {one.uri: one for one in reversed(request.attachments) if one.uri.startswith("file:")}
    if uri is None and attached:
        uri = list(attached)[-1]
    if uri is None or folder is None:
        return None
    name = shown_path(uri, folder.as_uri())
    # what goes along whole needs no mention, which would bring it a second time
    return name if uri in attached and attached[uri].place is None else f'@file:"{name}"'


async def _selection(request: TurnRequest, folder: Path | None) -> str:
    """What is selected as a question names it; where no editor says, as in a terminal, what code is attached."""
    attached = [one for one in request.attachments if one.uri.startswith("file:")]
    if not attached or (await request.workspace.seen(request.uri)).selection is not None:
        return "@selection"
    base = folder.as_uri() if folder is not None else None
    return " and ".join(attached_name(one, base) for one in attached)
