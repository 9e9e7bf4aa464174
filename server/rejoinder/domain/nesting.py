"""How deep JSON values lie in each other, told without recursion: what Python bears differs from process to process."""

from typing import Any

MOST_LEVELS = 250


def nests_too_deep(value: Any, most: int = MOST_LEVELS) -> bool:
    """Whether objects and lists lie in each other on more than so many levels."""
    level = [value]
    for _ in range(most):
        level = [item for outer in level for item in _items(outer)]
        if not level:
            return False
    return True


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [item for item in value.values() if isinstance(item, dict | list)]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, dict | list)]
    return []
