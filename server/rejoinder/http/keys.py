"""The keys of HTTP clients: who holds one speaks as one user, in one project or in none.

Keys that are made here lie in a file of mode 0600 beside `config.toml`, as hashes alone: 256 random bits cannot be
guessed, so a plain hash keeps them. A key of the user's own making is named by the variable that holds it:

    [http.keys.phone]
    keyEnv = "PHONE_KEY"
    user = "ann"
    project = "~/src/shop"
"""

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rejoinder import platform
from rejoinder.declared import frozen
from rejoinder.domain.errors import InvalidInput
from rejoinder.domain.users import user_of

_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,63}")
_SHORTEST = 20
_PURPOSE = b"rejoinder http key\0"


@frozen
class Key:
    """Whom a key stands for. `digest` is all that is known of the key itself."""

    name: str
    user_id: str
    project: Path | None
    digest: str


def checked_name(name: str, what: str) -> str:
    """A name of a key or a user, of signs that separate nothing. Raises InvalidInput."""
    if not _NAME.fullmatch(name) or user_of(name) != name:
        raise InvalidInput(f"{name!r} names no {what}.", hint="Use 1 to 63 letters, digits and `_`, `.`, `@`, `-`.")
    return name


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(_PURPOSE + key.encode("utf-8", "surrogatepass")).hexdigest()


class KeyFile:
    """The keys that were made here. A change counts at once, also for a server that runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def keys(self) -> Sequence[Key]:
        """All keys. Raises InvalidInput for a file that others may touch, or that is damaged: no key counts then."""
        try:
            status = self.path.lstat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        seen = (status.st_mtime_ns, status.st_size, status.st_ino)
        if seen != self._seen:
            self._seen, self._keys = None, ()
            self._check(status)
            self._keys = self._read()
            self._seen = seen
        return self._keys

    def add(self, name: str, *, user_id: str, project: Path | None) -> str:
        """Make a key and keep its hash; the key itself is answered this once. Raises InvalidInput for a name in use."""
        known = self.keys()
        if any(key.name == name for key in known):
            raise InvalidInput(
                f"There is a key {name!r} already.", hint=f"`--revoke-key {name}` forgets it; or choose another name."
            )
        made = f"rjk_{secrets.token_urlsafe(32)}"
        self._write([*known, Key(name, user_id, project, digest_of(made))])
        return made

    def remove(self, name: str) -> None:
        """Forget a key. Raises InvalidInput when there is none of that name."""
        known = self.keys()
        if all(key.name != name for key in known):
            raise InvalidInput(f"There is no key {name!r}.", hint="`rejoinder serve --http --list-keys` lists them.")
        self._write([key for key in known if key.name != name])

    def _check(self, status: os.stat_result) -> None:
        if sys.platform == "win32":
            return
        own = stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid()
        if not own or status.st_mode & 0o077:
            raise InvalidInput(f"{self.path} is not yours alone.", hint=f"Look at it, then `chmod 600 '{self.path}'`.")

    def _read(self) -> tuple[Key, ...]:
        try:
            listed = json.loads(self.path.read_text("utf-8"))["keys"]
            return tuple(
                Key(each["name"], each["user"], Path(each["project"]) if each["project"] else None, each["sha256"])
                for each in listed
            )
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise InvalidInput(f"{self.path} cannot be read.", hint="Remove it, and make new keys.") from error

    def _write(self, keys: Sequence[Key]) -> None:
        listed = [
            {
                "name": key.name,
                "user": key.user_id,
                "project": str(key.project) if key.project else None,
                "sha256": key.digest,
            }
            for key in keys
        ]
        platform.make_private_folder(self.path.parent)
        new = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(platform.open_private(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w") as file:
                json.dump({"format": 1, "keys": listed}, file, indent=1)
                file.flush()
                platform.sync_data(file.fileno())
            new.replace(self.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
        self._seen = None


def named_keys(configured: Any, environment: Mapping[str, str], *, beside: Path) -> list[Key]:
    """The keys that `[http.keys.NAME]` tables name by a variable. Raises InvalidInput for one that cannot count."""
    tables = configured.get("keys", {}) if isinstance(configured, Mapping) else None
    if not isinstance(tables, Mapping):
        raise InvalidInput("[http] holds tables `keys.NAME`.", hint="Look at it in `config.toml`.")
    return [_named_key(name, table, environment, beside) for name, table in tables.items()]


def _named_key(name: str, table: Any, environment: Mapping[str, str], beside: Path) -> Key:
    where = f"[http.keys.{name}]"
    given = table if isinstance(table, Mapping) else {}
    variable, user, project = given.get("keyEnv"), given.get("user", name), given.get("project")
    if not isinstance(variable, str) or not isinstance(user, str) or not isinstance(project, str | None):
        hint = "It holds `keyEnv`, the name of a variable, and may hold the texts `user` and `project`."
        raise InvalidInput(f"{where} is not understood.", hint=hint)
    key = environment.get(variable, "")
    if len(key) < _SHORTEST:
        hint = "`openssl rand -hex 32` makes a good key."
        raise InvalidInput(f"{where}: {variable} holds no key of {_SHORTEST} characters or more.", hint=hint)
    folder = None if project is None else checked_project(beside / Path(project).expanduser())
    return Key(checked_name(name, "key"), checked_name(user, "user"), folder, digest_of(key))


def checked_project(folder: Path) -> Path:
    """A project's real path. Raises InvalidInput when there is no such folder."""
    if not folder.is_dir():
        raise InvalidInput(f"{str(folder)!r} is no folder.", hint="Name the folder of a project.")
    return folder.resolve()


class KeyRing:
    """All keys that count."""

    def __init__(self, file: KeyFile, named: Sequence[Key] = ()) -> None:
        self._file = file
        self._named = tuple(named)

    def keys(self) -> Sequence[Key]:
        """Those of the configuration and those of the file. Raises InvalidInput as KeyFile does."""
        return (*self._named, *self._file.keys())

    def find(self, presented: str) -> Key | None:
        """Whose key it is. It takes as long whichever key fits, and when none does."""
        digest = digest_of(presented)
        found: Key | None = None
        for key in self.keys():
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found
