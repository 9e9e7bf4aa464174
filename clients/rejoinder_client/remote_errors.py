"""What can go wrong with a session that is reached over HTTP.

RemoteError                     status: what the server answered, None when it did not
├── RemoteUnreachable           also a ConnectionError: nobody answers there, or the connection broke
├── RemoteTimeout               also a TimeoutError: nothing came for too long
├── RemoteDenied                the key is missing, wrong, or stands for another user
├── RemoteBusy                  retry_after: the server asks to wait, and all attempts were used up
└── LocalOnly                   also an AttributeError: only a local session can do this
"""

from rejoinder_client.errors import RejoinderError

KEY_HINT = "Use the key that `rejoinder serve --http --new-key NAME` printed on the server."


class RemoteError(RejoinderError):
    """The server of a remote session did not answer. `status` is that of its reply."""

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after = retry_after


class RemoteUnreachable(RemoteError, ConnectionError):
    """Nobody answers at the address, or the connection broke."""


class RemoteTimeout(RemoteError, TimeoutError):
    """Nothing came for too long."""


class RemoteDenied(RemoteError):
    """The key is missing or wrong, or stands for another user."""


class RemoteBusy(RemoteError):
    """The server asks to wait, for `retry_after` seconds if it says so."""


class LocalOnly(RemoteError, AttributeError):
    """What only a session on this machine can do."""
