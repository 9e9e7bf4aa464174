"""Where the passages of a project's files are after its folder has moved."""

from collections.abc import Sequence
from pathlib import PurePath

import attrs

from rejoinder.domain.file_uris import absolute
from rejoinder.domain.knowledge import KnowledgeItem, Passage


def moves_along(item: KnowledgeItem) -> bool:
    """Whether it was read from files in the project's folder."""
    return bool(item.files) and absolute(item.source) is None


def at_home(item: KnowledgeItem, passages: Sequence[Passage], folders: Sequence[str]) -> list[Passage]:
    """The passages as of files in the first of a project's folders, also those that were read in another."""
    if len(folders) < 2 or not moves_along(item):
        return list(passages)
    # a folder may be one of another platform, where a backup was made
    home, *before = map(absolute, folders)
    if home is None:
        return list(passages)
    now: dict[str, str] = {}
    # the first folder comes last: where both may be meant, it is
    for folder in (*reversed(before), home):
        if folder is not None:
            now.update({_uri(folder, item, file.path): _uri(home, item, file.path) for file in item.files})
    return [attrs.evolve(passage, uri=_moved(passage.uri, now)) for passage in passages]


def _uri(folder: PurePath, item: KnowledgeItem, file: str) -> str:
    return folder.joinpath(item.source, file).as_uri()


def _moved(uri: str, now: dict[str, str]) -> str:
    file, mark, part = uri.partition("#")
    return now.get(file, file) + mark + part
