"""Rows in a Redis server, for conversations that several computers reach in turn. Needs the extra `redis`.

    PREFIX:rows:SPACE     hash of the rows         PREFIX:lock     who writes, with a lease (see redis_lease)
    PREFIX:order:SPACE    sorted set of their keys PREFIX:last     the last change's ID, and PREFIX:count their numbers

A change is one transaction. It is as durable as the server is set up to be, which `warnings` puts in words. What is
removed is gone from the server at once, but stays in the server's files until it writes them anew.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from rejoinder.adapters.keyed_rows import Change
from rejoinder.adapters.redis_lease import RedisLease
from rejoinder.domain.errors import InvalidInput, StorageError, StorageFull

PREFIX = "rejoinder"
_TIMEOUT = 5.0
_GLOB = str.maketrans({sign: f"\\{sign}" for sign in "\\*?[]"})


class RedisRows:
    """The rows of one server and prefix, which nobody else writes as long as the lease lasts."""

    def __init__(self, address: str, *, password: str | None, owner: str) -> None:
        """`address` is `redis://HOST:PORT/DATABASE`, `rediss://…` or `unix://PATH`, with `?prefix=NAME` if wanted.

        `owner` names this data folder: it takes over the lease that an earlier process of the same one has left.
        Raises InvalidInput, StorageLocked when somebody else writes, StorageError when the server cannot be reached.
        """
        self.faults: list[str] = []
        self._where, prefix = shown_address(address)
        self._prefix = prefix
        times = {"socket_timeout": _TIMEOUT, "socket_connect_timeout": _TIMEOUT}
        make = partial(redis.Redis.from_url, self._where, password=password, **times)
        # reading goes on where the server was started anew; a transaction must not be sent twice by the library
        self._reading: Any = make(retry=Retry(NoBackoff(), 1))
        self._redis: Any = make(retry=Retry(NoBackoff(), 0))
        with self._told():
            self._lease = RedisLease(self._redis, f"{prefix}:lock", owner=owner)
            self._count = int(self._reading.get(f"{prefix}:count") or 0)

    def get(self, space: str, key: str) -> bytes | None:
        """A row; None when it is not there."""
        with self._told():
            value: bytes | None = self._reading.hget(self._rows_of(space), key)
        return value

    def all(self, space: str) -> dict[str, bytes]:
        """The rows of a space."""
        return self._in_order(space, 0)

    def last(self, space: str, count: int) -> dict[str, bytes]:
        """The rows of a space that came last, in the order of their coming."""
        return self._in_order(space, -count)

    def size(self, space: str) -> int:
        """The bytes of server's memory that a space's rows take."""
        with self._told():
            return int(self._reading.memory_usage(self._rows_of(space), samples=0) or 0)

    def spaces(self, prefix: str) -> list[str]:
        """The spaces that have rows and whose names begin like this."""
        begin = self._rows_of("")
        with self._told():
            keys = self._reading.scan_iter(f"{(begin + prefix).translate(_GLOB)}*", count=1000)
            return [key.decode().removeprefix(begin) for key in keys]

    def commit(self, changes: Sequence[Change], *, durable: bool = True, erase: bool = False) -> None:
        """Make all changes or none. When the answer is lost, the server is asked whether it had made them."""
        change_id = secrets.token_hex(8)
        with self._told():
            try:
                self._transact(changes, change_id)
            except (redis.ConnectionError, redis.TimeoutError, redis.WatchError):
                if self._reading.get(f"{self._prefix}:last") != change_id.encode():
                    self._transact(changes, change_id)
            finally:
                self._count += len(changes)

    def warnings(self) -> list[str]:
        """What this server may lose, in sentences for people."""
        try:
            appends = self._reading.config_get("append*")
        except redis.RedisError:
            return [f"{self._where} does not tell how it writes to its disk; ask whoever runs it."]
        if appends.get("appendonly") != "yes":
            return [
                f"{self._where} writes to its disk now and then only: what came since may be lost when it ends. "
                "Set `appendonly yes` there."
            ]
        if appends.get("appendfsync") != "always":
            return [f"{self._where} may lose the last second when its machine fails: `appendfsync always` prevents it."]
        return []

    def close(self) -> None:
        """Give the lease back; where the server is away it runs out by itself."""
        with suppress(redis.RedisError):
            self._lease.release()
        self._redis.close()
        self._reading.close()

    def _transact(self, changes: Sequence[Change], change_id: str) -> None:
        with self._redis.pipeline(transaction=True) as pipe:
            self._lease.watch(pipe)
            pipe.multi()
            # numbers that are left out do no harm
            for number, (space, key, value) in enumerate(changes, self._count):
                rows, order = self._rows_of(space), f"{self._prefix}:order:{space}"
                if key is None:
                    pipe.delete(rows, order)
                elif value is None:
                    pipe.hdel(rows, key)
                    pipe.zrem(order, key)
                else:
                    pipe.hset(rows, key, value)
                    pipe.zadd(order, {key: number}, nx=True)
            pipe.set(f"{self._prefix}:count", self._count + len(changes))
            pipe.set(f"{self._prefix}:last", change_id)
            pipe.execute()

    def _in_order(self, space: str, first: int) -> dict[str, bytes]:
        with self._told():
            keys: list[bytes] = self._reading.zrange(f"{self._prefix}:order:{space}", first, -1)
            values = self._reading.hmget(self._rows_of(space), keys) if keys else []
        return {key.decode(): value for key, value in zip(keys, values, strict=True) if value is not None}

    def _rows_of(self, space: str) -> str:
        return f"{self._prefix}:rows:{space}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the server and its library say in the words of the store."""
        try:
            yield
        except redis.AuthenticationError as error:
            raise StorageError(
                f"{self._where} refuses the password, or wants one.",
                hint="Put it in the variable REJOINDER_STORE_PASSWORD.",
            ) from error
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise StorageError(
                f"{self._where} cannot be reached; nothing was changed.",
                hint="See to it that the server runs, and send it again.",
            ) from error
        except redis.OutOfMemoryError as error:
            raise StorageFull(self._where) from error
        except redis.RedisError as error:
            raise StorageError(
                f"{self._where} refuses: {error}.", hint="Ask whoever runs the server; its log may say more."
            ) from error


def shown_address(address: str) -> tuple[str, str]:
    """An address without what is ours, and the prefix of our keys. Raises InvalidInput for one with a password."""
    parts = urlsplit(address)
    if parts.password:
        raise InvalidInput(
            "store: an address with a password would be seen in listings and logs.",
            hint="Leave it out, and put it in the variable REJOINDER_STORE_PASSWORD.",
            key="store",
        )
    query = parse_qs(parts.query)
    prefix = query.pop("prefix", [PREFIX])[-1]
    if query or not prefix.isprintable():
        raise InvalidInput("store: an address takes `?prefix=NAME` alone.", hint="Leave out the rest.", key="store")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), prefix
