"""From `initialize` to `exit`: what pygls does then, and what it leaves out."""

from collections.abc import Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import lsp_method
from pygls.uris import from_fs_path, to_fs_path

from rejoinder.lsp.handshake import ClientHandshake, client_handshake, with_server_handshake
from rejoinder.lsp.messages import is_request_id
from rejoinder.lsp.rpc import RpcProtocol
from rejoinder.lsp.standard import Converter
from rejoinder.protocol.converter import InvalidValue

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

_Steps = Generator[Any, Any, Any]


class RejoinderProtocol(RpcProtocol):
    """One connection's life."""

    def __init__(self, server: "LanguageServer", converter: Converter) -> None:
        super().__init__(server, converter)
        self.client_handshake: ClientHandshake | None = None
        self.features: Iterable[str] = ()
        """What the server offers beyond its methods, for its handshake."""
        self.about: Mapping[str, Any] = {}
        """What the handshake says of the process: its ID and its folders."""
        self.was_shut_down = False
        """Whether the client has said goodbye by `shutdown`."""
        self.has_left_early = False
        """Whether it has sent `exit` before that, for which the protocol wants an error from the server's process."""

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> _Steps:
        """Read the client's handshake, and answer with everything that is served."""
        params.workspace_folders = _folders(params)
        self.phase = "initializing"
        self.client_handshake = client_handshake(params.capabilities.experimental)
        result = yield from super().lsp_initialize(params)
        capabilities: types.ServerCapabilities = result.capabilities
        commands = [*self.fm.commands, *self.served.commands()]
        capabilities.execute_command_provider = types.ExecuteCommandOptions(commands=commands)
        if isinstance(capabilities.text_document_sync, types.TextDocumentSyncOptions):
            capabilities.text_document_sync.save = True
        capabilities.experimental = with_server_handshake(
            capabilities.experimental, methods=self.served.names(), features=self.features, about=self.about
        )
        self.phase = "running"
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> _Steps:
        """Take no more requests. Those under way go on: what becomes of them is decided when the connection ends."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        self.phase = "shut down"
        self.was_shut_down = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> _Steps:
        """End this connection, and nothing else."""
        self.phase = "over"
        self.has_left_early = not self.was_shut_down
        if (handler := self.fm.features.get(types.EXIT)) is not None:
            yield handler, args, None

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> _Steps:
        """Cancel what runs under a token, whichever side chose the token."""
        if not is_request_id(params.token):  # the same kinds of values as an ID
            return
        self.incoming.cancel_token(params.token)
        if (future := self.progress.tokens.get(params.token)) is not None:
            future.cancel()
        if (handler := self.fm.features.get(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)) is not None:
            yield handler, (params,), None


def _folders(params: types.InitializeParams) -> list[types.WorkspaceFolder]:
    """The workspace folders; for a client that knows of none its root.

    Raises InvalidValue for a root that is no URI.
    """
    if params.workspace_folders:
        return list(params.workspace_folders)
    root = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
    if root is None:
        return []
    try:
        path = to_fs_path(root)
    except ValueError as error:
        raise InvalidValue(f"{error} @ params.rootUri") from None
    name = (path or root).rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return [types.WorkspaceFolder(uri=root, name=name)]
