"""How values are declared: frozen attrs classes whose comparing and showing are the same functions for all.

attrs would write and compile these for each class, which for hundreds of them is a good part of every start.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from attrs import frozen as frozen
else:

    def frozen(cls: type | None = None, *, kw_only: bool = False, repr: bool = True) -> Any:
        """As `attrs.frozen`; fields may stay out by `eq=False` and `repr=False`."""
        if cls is None:
            return lambda cls: frozen(cls, kw_only=kw_only, repr=repr)
        own_repr = repr and "__repr__" not in vars(cls)
        cls = attrs.frozen(cls, eq=False, repr=False, kw_only=kw_only)
        cls.__eq__, cls.__hash__ = _equal, _hash
        if own_repr:
            cls.__repr__ = _shown
        return cls


_COMPARED: dict[type, Callable[[Any], Any]] = {}
"""What of a value is compared, by its class."""


def _compared(cls: type) -> Callable[[Any], Any]:
    if cls not in _COMPARED:
        names = [field.name for field in attrs.fields(cls) if field.eq]
        _COMPARED[cls] = attrgetter(*names) if names else lambda _: ()
    return _COMPARED[cls]


def _equal(self: Any, other: Any) -> Any:
    if type(self) is not type(other):
        return NotImplemented
    compared = _compared(type(self))
    return compared(self) == compared(other)


def _hash(self: Any) -> int:
    return hash((type(self), _compared(type(self))(self)))


def _shown(self: Any) -> str:
    fields = (f"{field.name}={getattr(self, field.name)!r}" for field in attrs.fields(type(self)) if field.repr)
    return f"{type(self).__name__}({', '.join(fields)})"
