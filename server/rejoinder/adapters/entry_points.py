"""What installed packages declare for us."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints


def entry_points(**by: str) -> "EntryPoints":
    """The entry points of a `group`, of a `name` in it if one is given."""
    # Here and not above: what reads packages' metadata is not to hold up the engine's start.
    from importlib import metadata

    return metadata.entry_points(**by)
