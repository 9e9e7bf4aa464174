"""Where the passages of a project's files are after its folder has moved."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from rejoinder.domain.knowledge import KnowledgeItem, Passage


def moves_along(item: KnowledgeItem) -> bool:
    """Whether it was read from files in the project's folder."""
    return bool(item.files) and not Path(item.source).is_absolute()


def at_home(item: KnowledgeItem, passages: Sequence[Passage], folders: Sequence[str]) -> list[Passage]:
    """The passages as of files in the first of a project's folders, also those that were read in another."""
    if len(folders) < 2 or not moves_along(item):
        return list(passages)
    now: dict[str, str] = {}
    for folder in reversed(folders):
        # the first folder comes last: where both may be meant, it is
        now.update({_uri(folder, item, file.path): _uri(folders[0], item, file.path) for file in item.files})
    return [attrs.evolve(passage, uri=_moved(passage.uri, now)) for passage in passages]


def _uri(folder: str, item: KnowledgeItem, file: str) -> str:
    return Path(folder, item.source, file).as_uri()


def _moved(uri: str, now: dict[str, str]) -> str:
    file, mark, part = uri.partition("#")
    return now.get(file, file) + mark + part
