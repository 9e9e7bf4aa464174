"""What installed packages declare for us."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints


def entry_points(*, group: str, name: str | None = None) -> "EntryPoints":
    """The entry points of a group, or those of a name in it."""
    # Here and not above: what reads packages' metadata is not to hold up the engine's start.
    from importlib import metadata

    found = metadata.entry_points(group=group)
    return found if name is None else found.select(name=name)
