"""`rejoinder cleanup`, `backup` and `restore`."""

from argparse import ArgumentParser, Namespace
from datetime import date
from typing import TYPE_CHECKING

from rejoinder_client.cli.arguments import add_common, add_yes, positive
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import counted, print_json, shown_size
from rejoinder_client.places import absolute

if TYPE_CHECKING:
    from rejoinder.protocol.transfer import SessionCleanupResult

_REASONS = {"empty": "no messages", "old": "not used for long", "long": "too long"}


def declare_cleanup(command: ArgumentParser) -> None:
    """The arguments of `cleanup`."""
    command.description = (
        "Move empty and old sessions to the trash, and take the oldest messages out of long ones; system messages and "
        "pinned sessions stay. Shows what would go, and asks. Nothing is ever cleaned up without being asked for."
    )
    command.add_argument("--empty", action="store_true", help="sessions without messages")
    command.add_argument("--older-than", type=positive, metavar="DAYS", help="sessions not used for so many days")
    command.add_argument(
        "--keep-messages", type=positive, metavar="COUNT", help="keep so many of each session's newest"
    )
    command.add_argument("--dry-run", action="store_true", help="only show what would go")
    add_yes(command)
    add_common(command, cleanup)


def declare_backup(command: ArgumentParser) -> None:
    """The arguments of `backup`."""
    command.description = "Write all projects and sessions to an archive. Conversations may go on meanwhile."
    command.add_argument("file", nargs="?", metavar="FILE", help="a new file (default: rejoinder-DATE.zip, here)")
    add_common(command, backup)


def declare_restore(command: ArgumentParser) -> None:
    """The arguments of `restore`."""
    command.description = (
        "Bring a backup in, session by session, beside what is here. Where a session is here and differs, nothing "
        "comes in unless --keep leaves it as it is, or --replace takes the backup's; what was here before is then "
        "written to another archive first."
    )
    command.add_argument("file", metavar="FILE", help="an archive that `rejoinder backup` wrote")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--replace", action="store_true", help="replace sessions that differ, after a yes")
    which.add_argument("--keep", action="store_true", help="leave sessions that differ as they are here")
    add_yes(command)
    add_common(command, restore)


def cleanup(options: Namespace) -> int:
    """Show what would go, ask, and have it go."""
    wanted = {"empty": options.empty, "older_than_days": options.older_than, "keep_messages": options.keep_messages}
    if not any(wanted.values()):
        raise UsageError("What is to go?", hint="Say --empty, --older-than DAYS or --keep-messages COUNT.")
    with connected(options) as client:
        found = client.sessions.cleanup(**wanted, dry_run=True)
        if not options.json:
            _print_candidates(found)
        if found.candidates and not options.dry_run:
            if not confirmed("Clean up?", yes=options.yes):
                return 1
            found = client.sessions.cleanup(**wanted, dry_run=False)
            if not options.json:
                print(f"Cleaned up: {_counts(found)}.")
    if options.json:
        print_json(found)
    return 0


def backup(options: Namespace) -> int:
    """Write the archive."""
    from rejoinder.protocol.transfer import BACKUP_CREATE, BackupCreateParams

    path = absolute(options.file or f"rejoinder-{date.today().isoformat()}.zip")
    with connected(options) as client:
        made = client.request(BACKUP_CREATE, BackupCreateParams(path=str(path)))
    if options.json:
        print_json(made)
    else:
        print(
            f"Written to {made.path}: {counted(made.sessions, 'session')} of {counted(made.projects, 'project')}, "
            f"{shown_size(made.bytes)}."
        )
    return 0


def restore(options: Namespace) -> int:
    """Bring the archive in."""
    from rejoinder.protocol.transfer import BACKUP_RESTORE, BackupRestoreParams

    path = absolute(options.file)
    if options.replace and not confirmed("Replace sessions that differ from the backup's?", yes=options.yes):
        return 1
    with connected(options) as client:
        done = client.request(
            BACKUP_RESTORE,
            BackupRestoreParams(path=str(path), replace=True if options.replace else False if options.keep else None),
        )
    if options.json:
        print_json(done)
        return 0
    print(
        f"Restored: {counted(done.sessions, 'session')}; replaced: {done.replaced}; left as they are: {done.skipped}."
    )
    if done.kept:
        print(f"What was here before is in {done.kept}.")
    return 0


def _print_candidates(found: "SessionCleanupResult") -> None:
    if not found.candidates:
        print("Nothing is to be cleaned up.")
        return
    # Here and not above: programs that read JSON need not wait for it.
    from rejoinder_client.cli.tables import Column, print_table

    columns = (Column("ID"), Column("Name", elastic=True), Column("Why"), Column("Messages", right=True))
    print_table(
        columns,
        [(each.session_id, each.name, _REASONS[each.reason], str(each.messages)) for each in found.candidates],
    )
    print(f"Would go: {_counts(found)}.")


def _counts(found: "SessionCleanupResult") -> str:
    return f"{counted(found.sessions, 'session')}, {counted(found.messages, 'message')}, {shown_size(found.bytes)}"
