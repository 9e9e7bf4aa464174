"""What a folder that is attached to a question says: the names of its files."""

from collections.abc import Sequence
from pathlib import Path

from rejoinder.services.ports import FileNames

MOST_FILES = 1000


class FolderListing:
    """Lists folders of a project."""

    def __init__(self, files: FileNames) -> None:
        self._files = files

    async def text(self, folder: Path, root: Path, ignore: Sequence[str] = ()) -> str:
        """The paths of a folder's files within the project `root`, one a line, without what is ignored or secret."""
        inner = folder.relative_to(root).as_posix()
        paths = sorted(await self._files.paths(root, ignore))
        if inner != ".":
            paths = [path for path in paths if path.startswith(f"{inner}/")]
        rest = f"\n[… and {len(paths) - MOST_FILES} more]" if len(paths) > MOST_FILES else ""
        return "\n".join(paths[:MOST_FILES]) + rest if paths else "There are no files in this folder."
