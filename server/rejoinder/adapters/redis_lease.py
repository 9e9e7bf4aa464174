"""Who writes to a Redis server: one process at a time, with a lease that it renews while it lives."""

import os
import platform as system
import secrets
import threading
from typing import Any

import redis

from rejoinder.domain.errors import StorageCorrupt, StorageLocked

SECONDS = 30
_RENEW = b"if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end return 0"
_RELEASE = b"if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisLease:
    """The right to write under a prefix. It outlives the server's absence, unless somebody else took it meanwhile."""

    def __init__(self, server: Any, key: str, *, owner: str) -> None:
        """Raises StorageLocked when another owner has it. What an earlier process of this owner had is taken over."""
        self._redis = server
        self._key = key
        self._owner = f"{owner} on {system.node()}"
        self._value = f"{self._owner}\n{os.getpid()} {secrets.token_hex(8)}".encode()
        self._lost = False
        self._take()
        self._ended = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="redis-lease", daemon=True)
        self._renewing.start()

    def watch(self, pipe: Any) -> None:
        """Have a transaction fail when the lease passes to somebody else before its end.

        Raises StorageLocked when it has passed already.
        """
        pipe.watch(self._key)
        holder = pipe.get(self._key)
        if holder == self._value:
            return
        pipe.unwatch()
        if self._lost or holder is not None or not self._taken_again():
            self._lost = True
            raise StorageLocked(_shown(holder))
        pipe.watch(self._key)

    def release(self) -> None:
        """Let somebody else write."""
        self._ended.set()
        self._renewing.join()
        self._redis.eval(_RELEASE, 1, self._key, self._value)

    def _take(self) -> None:
        if not self._redis.set(self._key, self._value, nx=True, ex=SECONDS):
            holder = self._redis.get(self._key) or b""
            # whoever asks has the data folder's lock: the process that had it before is gone
            if holder.decode(errors="replace").partition("\n")[0] != self._owner:
                raise StorageLocked(_shown(holder))
            self._redis.set(self._key, self._value, ex=SECONDS)
        self._redis.set(f"{self._key}:of", self._value)

    def _taken_again(self) -> bool:
        """Take a lease again that ran out while the server was away; not if somebody else has had it since."""
        last = self._redis.get(f"{self._key}:of")
        if last is None:
            raise StorageCorrupt(
                "The Redis server has come back without what it held.",
                path=self._key,
                backup=None,
                hint="Bring its files back, or end the engine and `rejoinder restore` a backup.",
            )
        return bool(last == self._value and self._redis.set(self._key, self._value, nx=True, ex=SECONDS))

    def _renew(self) -> None:
        while not self._ended.wait(SECONDS / 3):
            try:
                self._redis.eval(_RENEW, 1, self._key, self._value, SECONDS)
            except redis.RedisError:
                continue  # the next change says so


def _shown(holder: bytes | None) -> str:
    owner = (holder or b"").decode(errors="replace").partition("\n")[0]
    if not owner:
        return "another engine, which has written to this Redis server since"
    return f"the engine of {owner}, which writes to this Redis server"
