import pytest

import rejoinder_client
from rejoinder.protocol.errors import ErrorCode
from rejoinder_client import errors
from rejoinder_client.errors import error_from_wire


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_a_class_of_its_name(code: ErrorCode) -> None:
    error = error_from_wire({"code": int(code), "message": "It failed.", "data": {"hint": "Try again.", "key": "x"}})
    assert type(error).__name__ == code.name.title().replace("_", "")
    assert (error.message, error.hint, error.code, error.data["key"]) == ("It failed.", "Try again.", code, "x")


@pytest.mark.parametrize("wire", [None, 5, {}, {"code": 5, "message": "?"}, {"code": "x"}, {"code": -31002, "data": 3}])
def test_a_strange_error_is_an_error_all_the_same(wire: object) -> None:
    assert isinstance(error_from_wire(wire), errors.RejoinderError)


def test_the_tree_in_the_documentation_is_complete() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert [cls.__name__ for cls in classes if cls.__name__ not in (errors.__doc__ or "")] == []


def test_every_public_name_is_there() -> None:
    assert rejoinder_client.__all__ == sorted(rejoinder_client.__all__)
    for name in rejoinder_client.__all__:
        assert getattr(rejoinder_client, name) is not None
    with pytest.raises(AttributeError):
        _ = rejoinder_client.nothing
