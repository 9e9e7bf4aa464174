"""From initialize to the end: settings, folders, and what is loaded once a client is there."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from lsprotocol import types as lsp

from rejoinder.lsp.client import Client
from rejoinder.lsp.damage import tell_damage
from rejoinder.lsp.documents import normalized, path_of
from rejoinder.lsp.handlers import plain
from rejoinder.lsp.showing import tell

SECTION = "rejoinder"
_ANY_FILE = lsp.FileOperationRegistrationOptions(
    [lsp.FileOperationFilter(lsp.FileOperationPattern(glob="**/*"), scheme="file")]
)


def register(client: Client, preload: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Serve the standard messages about a connection's life."""
    server = client.server

    @server.feature(lsp.INITIALIZE)
    def initialize(params: lsp.InitializeParams) -> None:
        client.configuration.set_initialization_options(params.initialization_options)
        client.settings_changed()
        plain.register(client)

    @server.feature(lsp.INITIALIZED)
    def initialized(_: lsp.InitializedParams) -> None:
        client.prepare(_prepare(client, preload))

    @server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configuration_changed(params: lsp.DidChangeConfigurationParams) -> None:
        if not await _fetch_settings(client):
            pushed = params.settings if isinstance(params.settings, dict) else {}
            client.configuration.set_workspace(pushed.get(SECTION))
            _report(client)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(_: lsp.DidChangeWorkspaceFoldersParams) -> None:
        await client.open_searches()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(params: lsp.DidChangeWatchedFilesParams) -> None:
        paths = [path for change in params.changes if (path := path_of(change.uri)) is not None]
        await client.files_changed(paths)

    @server.feature(lsp.WORKSPACE_DID_RENAME_FILES, _ANY_FILE)
    def files_renamed(params: lsp.RenameFilesParams) -> None:
        client.prepare(_follow(client, params.files))


async def _prepare(client: Client, preload: Callable[[], Coroutine[Any, Any, None]]) -> None:
    if not await _fetch_settings(client):
        _report(client)
    await client.open_searches()
    client.keep(_watch_files(client))
    await tell_damage(client)
    if client.resolved.settings.model not in (None, "extractive") or client.resolved.settings.base_url:
        client.keep(preload())


async def _fetch_settings(client: Client) -> bool:
    """Ask the client for its settings; whether it could be asked."""
    workspace = client.server.client_capabilities.workspace
    if not (workspace and workspace.configuration):
        return False
    params = lsp.ConfigurationParams([lsp.ConfigurationItem(section=SECTION)])
    answers = await client.server.workspace_configuration_async(params)
    client.configuration.set_workspace(answers[0] if answers else None)
    _report(client)
    return True


async def _follow(client: Client, renames: Sequence[lsp.FileRename]) -> None:
    """Have sessions follow their files. Not by `client.project`, which waits for this."""
    services = client.services
    for renamed in renames:
        old, new = normalized(renamed.old_uri), normalized(renamed.new_uri)
        project = await services.projects.of_folder(client.folder(old))
        await services.sessions.follow_rename(project.project_id, old, new)
    uris = [uri for renamed in renames for uri in (renamed.old_uri, renamed.new_uri)]
    await client.files_changed([path for uri in uris if (path := path_of(uri)) is not None])


async def _watch_files(client: Client) -> None:
    """Have the client tell of changed files, if it can: it knows of them sooner than a look at the folder does.

    Only one that knows of Rejoinder is asked: some say that they take registrations and answer them with an error, and
    for a plain client the look that comes before a question is enough.
    """
    workspace = client.server.client_capabilities.workspace
    offered = workspace.did_change_watched_files if workspace else None
    if not (offered and offered.dynamic_registration and client.searched and client.server.client_handshake):
        return
    options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(glob_pattern="**/*")])
    registration = lsp.Registration("rejoinder-files", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    await client.server.client_register_capability_async(lsp.RegistrationParams([registration]))


def _report(client: Client) -> None:
    """Tell of settings that do not count."""
    resolved = client.settings_changed()
    used, wanted = client.server.protocol.about.get("store"), resolved.settings.store
    late = f"store: {used!r} is in use until the engine ends; {wanted!r} counts from its next start."
    for problem in (*resolved.problems, *([late] if used not in (None, wanted) else [])):
        tell(client, problem, lsp.MessageType.Warning)
