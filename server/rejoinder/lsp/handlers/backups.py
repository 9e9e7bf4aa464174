"""Archives of everything that is kept."""

from rejoinder.lsp.client import Client
from rejoinder.protocol import methods


def register(client: Client) -> None:
    """Serve the methods of archives."""
    server, backups = client.server, client.services.backups

    async def create(params: methods.BackupCreateParams) -> methods.BackupCreateResult:
        made = await backups.create(params.path)
        return methods.BackupCreateResult(str(made.path), made.projects, made.sessions, made.bytes)

    async def restore(params: methods.BackupRestoreParams) -> methods.BackupRestoreResult:
        done = await backups.restore(params.path, replace=params.replace)
        kept = str(done.kept) if done.kept else None
        return methods.BackupRestoreResult(done.projects, done.sessions, done.replaced, done.skipped, kept)

    server.handle(methods.BACKUP_CREATE, create)
    server.handle(methods.BACKUP_RESTORE, restore)
