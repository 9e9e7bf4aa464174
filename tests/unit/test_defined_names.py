from rejoinder.index.defined_names import DefinedNames


def names(*passages: str) -> DefinedNames:
    defined = DefinedNames()
    defined.add(passages)
    return defined


def test_names_that_begin_so_come_first_then_shorter_ones() -> None:
    defined = names("Pool ConnectionPool", "", "pool_size", "unrelated", "poolish")
    assert defined.matching("POOL", 9) == ["Pool", "poolish", "pool_size", "ConnectionPool"]
    assert defined.matching("pool", 2) == ["Pool", "poolish"]
    assert defined.matching("related", 9) == ["unrelated"]


def test_nothing_typed_and_nothing_that_fits() -> None:
    defined = names("Pool")
    for typed in ("", "pond", "l\nP", "Pool.", "ool\n"):
        assert defined.matching(typed, 9) == []
    assert DefinedNames().matching("a", 9) == []


def test_a_name_is_there_until_its_last_definition_is_gone() -> None:
    defined = names("close open", "close")
    defined.remove(["close open"])
    assert defined.matching("o", 9) == ["close"]
    defined.remove(["close"])
    assert defined.matching("o", 9) == []


def test_letters_whose_small_form_is_longer_do_not_shift_the_others() -> None:
    assert names("Straße", "Maße", "gross").matching("ss", 9) == ["Maße", "gross", "Straße"]
