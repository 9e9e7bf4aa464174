"""How files are named to the server, which has another working folder and no home of the user's."""

from pathlib import Path


def absolute(path: Path | str) -> Path:
    """A path as it is from everywhere; links stay as they are."""
    return Path(path).expanduser().absolute()


def uri_of(path: Path | str) -> str:
    """A file's address."""
    return absolute(path).as_uri()
