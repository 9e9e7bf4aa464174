"""A session that is reached over HTTP: each call blocks until its result is there."""

from typing import TYPE_CHECKING, Any, Unpack

from rejoinder_client.blocking import Closing, LoopThread, blocking, iterating
from rejoinder_client.remote_async import AsyncRemoteSession, RemoteOptions, local_only


class RemoteSession(Closing[AsyncRemoteSession]):
    """One conversation on another machine. As AsyncRemoteSession, but each call blocks.

    Close it, or use it in `with`.
    """

    is_remote = True

    def __init__(
        self,
        url: str,
        **options: Unpack[RemoteOptions],
    ) -> None:
        inner = AsyncRemoteSession(url, **options)
        super().__init__(inner, LoopThread())

    def close(self) -> None:
        """Hang up, and end the thread."""
        if not self._loop.is_closed:
            self._loop.run(self._inner.close())
            self._loop.close()

    run = blocking(AsyncRemoteSession.run)
    chat = blocking(AsyncRemoteSession.chat)
    send_message = blocking(AsyncRemoteSession.send_message)
    stream = iterating(AsyncRemoteSession.stream)
    test_connection = blocking(AsyncRemoteSession.test_connection)
    test_remote_connection = blocking(AsyncRemoteSession.test_remote_connection)
    check_connection = blocking(AsyncRemoteSession.check_connection)

    @property
    def session_id(self) -> str:
        """The exact ID."""
        return self._inner.session_id

    @property
    def user_id(self) -> str | None:
        """Who speaks here; None is whom the key stands for."""
        return self._inner.user_id

    @property
    def url(self) -> str:
        """Where turns are sent to."""
        return self._inner.url

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise local_only(name, self)
