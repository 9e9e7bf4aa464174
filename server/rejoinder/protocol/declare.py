"""How a wire type is declared."""

from typing import Any, dataclass_transform

import attrs


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field,))
def wire(cls: Any = None, *, kw_only: bool = False) -> Any:
    """A frozen attrs class.

    Comparing and showing are the same two functions for all: attrs would write and compile them for each class, which
    is half of what the declarations cost at every start of the terminal.
    """
    if cls is None:
        return lambda cls: wire(cls, kw_only=kw_only)
    cls = attrs.frozen(cls, eq=False, repr=False, kw_only=kw_only)
    cls.__eq__, cls.__hash__, cls.__repr__ = _equal, None, _shown
    return cls


def field_names(cls: type) -> list[str]:
    """The attributes of a wire type, in their order."""
    return [field.name for field in attrs.fields(cls)]


def _values(value: Any) -> list[Any]:
    return [getattr(value, name) for name in field_names(type(value))]


def _equal(self: Any, other: Any) -> Any:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _shown(self: Any) -> str:
    fields = (f"{name}={getattr(self, name)!r}" for name in field_names(type(self)))
    return f"{type(self).__name__}({', '.join(fields)})"
