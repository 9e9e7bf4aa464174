"""The keys of HTTP clients: where they lie, whom they stand for, what is refused."""

import json
from pathlib import Path

import pytest

from rejoinder.domain.errors import InvalidInput
from rejoinder.http.keys import KeyFile, KeyRing, checked_name, named_keys


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "config" / "http-keys.json")


def test_a_key_is_kept_as_a_hash_in_a_private_file(file: KeyFile) -> None:
    key = file.add("phone", user_id="ann", project=None)
    assert file.path.stat().st_mode & 0o777 == 0o600 and file.path.parent.stat().st_mode & 0o777 == 0o700
    assert key not in file.path.read_text()
    found = KeyRing(KeyFile(file.path)).find(key)
    assert found is not None and (found.name, found.user_id, found.project) == ("phone", "ann", None)
    for wrong in ("", key[:-1], key + "x", found.digest, "\ud800"):
        assert KeyRing(file).find(wrong) is None
    assert [entry.name for entry in file.path.parent.iterdir()] == ["http-keys.json"]


def test_a_change_of_the_file_counts_at_once(file: KeyFile) -> None:
    ring = KeyRing(file)
    key = file.add("phone", user_id="ann", project=None)
    other = KeyFile(file.path)
    assert ring.find(key) is not None
    other.remove("phone")
    assert ring.find(key) is None
    with pytest.raises(InvalidInput, match="no key 'phone'"):
        other.remove("phone")


def test_a_file_that_others_may_touch_or_that_is_damaged_lets_nobody_in(file: KeyFile, tmp_path: Path) -> None:
    key = file.add("phone", user_id="ann", project=None)
    whole = file.path.read_text()
    file.path.chmod(0o640)
    with pytest.raises(InvalidInput, match="not yours alone"):
        KeyRing(KeyFile(file.path)).find(key)
    file.path.chmod(0o600)
    for damaged in ("", "[]", '{"keys": [{"name": "x"}]}', whole[:-9]):
        file.path.write_text(damaged)
        with pytest.raises(InvalidInput, match="cannot be read"):
            KeyRing(KeyFile(file.path)).find(key)
    file.path.unlink()
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(whole)
    elsewhere.chmod(0o600)
    file.path.symlink_to(elsewhere)
    with pytest.raises(InvalidInput, match="not yours alone"):
        KeyRing(KeyFile(file.path)).find(key)


def test_keys_may_be_named_by_variables(file: KeyFile, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    tables = {"keys": {"phone": {"keyEnv": "PHONE", "user": "ann", "project": "shop"}, "bob": {"keyEnv": "BOB"}}}
    environment = {"PHONE": "p" * 20, "BOB": "b" * 20}
    ring = KeyRing(file, named_keys(tables, environment, beside=tmp_path))
    phone, bob = ring.find("p" * 20), ring.find("b" * 20)
    assert phone is not None and (phone.user_id, phone.project) == ("ann", tmp_path / "shop")
    assert bob is not None and (bob.user_id, bob.project) == ("bob", None)
    assert "p" * 20 not in repr(ring.keys())
    for wrong in (
        {"keys": {"x": {"keyEnv": "NONE"}}},
        {"keys": {"x": {"keyEnv": 5}}},
        {"keys": {"x": "PHONE"}},
        {"keys": {"x": {"keyEnv": "BOB", "project": "nowhere"}}},
        {"keys": {"x": {"keyEnv": "BOB", "user": "a:b"}}},
        {"keys": 5},
        5,
    ):
        with pytest.raises(InvalidInput) as refused:
            named_keys(wrong, environment, beside=tmp_path)
        assert refused.value.hint and "b" * 20 not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a\n", "x" * 64, "é", "ghp_" + "a" * 36])
def test_a_name_separates_nothing(name: str) -> None:
    with pytest.raises(InvalidInput):
        checked_name(name, "user")


def test_the_file_is_readable_by_people(file: KeyFile) -> None:
    file.add("phone", user_id="ann", project=Path("/srv/shop"))
    (kept,) = json.loads(file.path.read_text())["keys"]
    assert kept.keys() == {"name", "user", "project", "sha256"} and kept["project"] == "/srv/shop"
