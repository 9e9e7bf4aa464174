"""What other programs keep: recognised, read, and found on this machine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rejoinder.adapters.importing import (
    aider,
    chunks_database,
    codecompanion,
    continue_sessions,
    eca,
    llm_log,
    markdown,
    plain,
    praison,
    stored_objects,
)
from rejoinder.adapters.importing.databases import is_database
from rejoinder.adapters.importing.places import places
from rejoinder.adapters.importing.reading import read_json, read_text
from rejoinder.domain.foreign import OUR_FORMAT, ForeignSession, Place, Skipped

OURS = "rejoinder"
LISTS = "json"
_FOLDERS: Mapping[str, Callable[[Path], bool]] = {
    "codecompanion": codecompanion.fits,
    "eca": eca.fits,
    "continue": continue_sessions.fits,
    "praison": praison.fits,
    "agno": plain.fits_folder,
    "llm": llm_log.fits,
    "aider": aider.fits,
}
_DATABASES: Mapping[str, Callable[[Path], bool]] = {
    "llm": llm_log.fits,
    "sqlite": chunks_database.fits,
    "session-object": stored_objects.fits,
}
_READERS: Mapping[str, Callable[[Path], Iterator[ForeignSession | Skipped]]] = {
    "aider": aider.read,
    "agno": plain.read_folder,
    "codecompanion": codecompanion.read,
    "continue": continue_sessions.read,
    "eca": eca.read,
    "llm": llm_log.read,
    "markdown": markdown.read,
    "praison": praison.read,
    "session-object": stored_objects.read,
    "sqlite": chunks_database.read,
}
_LISTS = {"sessions.json": ("agno", "continue"), "index.json": ("codecompanion",)}
"""Files that list what lies beside them: naming one means its folder."""


class KnownForeignFiles:
    """The port `ForeignFiles`."""

    def toon(self, text: str) -> Any:
        """As the port says."""
        # Here and not above: hardly any engine ever reads such a file.
        from toon_format import ToonDecodeError, decode

        try:
            return decode(text)
        except (ToonDecodeError, RecursionError) as exc:
            raise ValueError(f"it is no TOON ({exc})") from None

    def database(self, data: bytes) -> list[ForeignSession]:
        """As the port says."""
        return chunks_database.read_content(data)

    def recognised(self, path: Path) -> Sequence[str]:
        """As the port says."""
        if path.is_dir():
            return [name for name, fits in _FOLDERS.items() if fits(path)] or [LISTS]
        if is_database(path):
            found = [name for name, fits in _DATABASES.items() if fits(path)][:1]
            if not found:
                raise ValueError("the database has no tables that are known")
            return found
        if eca.fits(path):
            return ["eca"]
        if aider.fits(path):
            return ["aider"]
        return ["markdown"] if markdown.fits(path) else [self._by_value(path)]

    def sessions(self, path: Path, format: str) -> Iterator[ForeignSession | Skipped]:
        """As the port says."""
        folder = path.parent if not path.is_dir() and format in _LISTS.get(path.name, ()) else path
        if format == "agno" and not folder.is_dir():
            return plain.read(path, self.toon)
        read = _READERS.get(format)
        return plain.read(path, self.toon) if read is None else read(folder)

    def places(self, folder: Path | None) -> list[Place]:
        """As the port says."""
        return places(folder)

    def _by_value(self, path: Path) -> str:
        """By what a file says; what is no JSON is for the reader to refuse."""
        beside = [name for name in _LISTS.get(path.name, ()) if _FOLDERS[name](path.parent)]
        if beside:
            return beside[0]
        try:
            value = read_json(path)
        except ValueError:
            read_text(path)
            return LISTS
        if isinstance(value, Mapping) and value.get("format") == OUR_FORMAT:
            return OURS
        if continue_sessions.fits(path, value):
            return "continue"
        return "codecompanion" if codecompanion.fits(path, value) else LISTS
