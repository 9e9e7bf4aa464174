"""How a wire type is declared."""

from typing import Any, dataclass_transform

import attrs

from rejoinder.declared import frozen


@dataclass_transform(frozen_default=True, field_specifiers=(attrs.field,))
def wire(cls: Any = None, *, kw_only: bool = False) -> Any:
    """A frozen attrs class of JSON values, which has no hash: lists are among them."""
    if cls is None:
        return lambda cls: wire(cls, kw_only=kw_only)
    cls = frozen(cls, kw_only=kw_only)
    cls.__hash__ = None
    return cls


def field_names(cls: type) -> list[str]:
    """The attributes of a wire type, in their order."""
    return [field.name for field in attrs.fields(cls)]
