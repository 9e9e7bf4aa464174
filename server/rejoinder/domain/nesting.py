"""How deep JSON values lie in each other, told without recursion: what Python bears differs from process to process."""

from typing import Any

MOST_LEVELS = 250


def is_too_deep(value: Any, most: int = MOST_LEVELS) -> bool:
    """Whether objects and lists lie in each other on more than so many levels."""
    level = [value]
    for _ in range(most):
        level = [item for one in level for item in _items(one)]
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def _items(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
