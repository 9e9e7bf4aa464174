"""All that differs by platform: folders, private files, durable writes, locks, local sockets, processes.

Linux and macOS share one way; Windows has its own wherever it must. The checks are spelled `sys.platform == …`, the one
form that type checkers follow. What is costly to import is imported where it is used, because `rejoinder serve` starts
with every editor.
"""

import contextlib
import errno
import os
import socket
import stat
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

    from platformdirs import PlatformDirs

# A socket's path has a hard limit of 104 bytes on macOS and 108 on Linux; its name takes 22 of them.
_SOCKET_FOLDER_LIMIT = 80
_BACKLOG = 128
# Far behind what is ever written to the file, because a locked byte cannot be read on Windows.
_LOCKED_BYTE = 1 << 30


def default_data_dir() -> Path:
    """Where sessions are kept when nothing else is said."""
    return _folders().user_data_path


def default_cache_dir() -> Path:
    """Where indexes are kept, which can be made again."""
    return _folders().user_cache_path


def config_file() -> Path:
    """The user's own settings."""
    return _folders().user_config_path / "config.toml"


def log_dir() -> Path:
    """Where the engine writes its log."""
    return _folders().user_log_path


def runtime_dir() -> Path:
    """Where sockets are: the login's runtime folder, or a private one among the temporary files.

    The second when there is no login, when the first belongs to somebody else, or when its path is too long.
    """
    with warnings.catch_warnings():
        # a login's folder that will not do is not worth a word: the other one is as good
        warnings.simplefilter("ignore")
        login = _folders().user_runtime_path
    if sys.platform == "win32":
        return login
    with contextlib.suppress(OSError):
        fits = login.is_absolute() and len(os.fsencode(login)) <= _SOCKET_FOLDER_LIMIT
        if fits and login.parent.stat().st_uid == os.getuid():
            return login
    import tempfile

    return Path(tempfile.gettempdir()) / f"rejoinder-{os.getuid()}"


def make_private_folder(path: Path) -> None:
    """Make a folder and its missing parents, mode 0700 whatever the umask. Parents that are there stay as they are."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if sys.platform != "win32":
                folder.chmod(0o700)


def own_private_folder(path: Path) -> None:
    """Make a folder that nobody else may enter, and refuse one that somebody else made.

    Raises PermissionError when the folder is a link or belongs to another user.
    """
    make_private_folder(path)
    if sys.platform != "win32":
        status = path.lstat()
        if path.is_symlink() or status.st_uid != os.getuid():
            raise PermissionError(errno.EPERM, "belongs to another user", str(path))
        if status.st_mode & 0o077:
            path.chmod(0o700)


def open_private(path: Path, flags: int) -> int:
    """A descriptor of a file, made with mode 0600 whatever the umask, never through a link."""
    if sys.platform == "win32":
        return os.open(path, flags | os.O_BINARY, 0o600)
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if flags & os.O_CREAT:
        os.fchmod(descriptor, 0o600)
    return descriptor


def sync_data(descriptor: int) -> None:
    """Wait until what was written to the file is on the disk itself.

    macOS has no fdatasync, and its fsync stops at the drive's cache: F_FULLFSYNC goes through.
    """
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    elif sys.platform == "win32":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until names that were made, changed or removed in the folder are on the disk."""
    if sys.platform != "win32":
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def lock_file(path: Path) -> IO[str] | None:
    """The file, locked for this process alone until it is closed; None when another process has it.

    The lock is on a file of its own, because closing any descriptor of a file drops its POSIX locks.
    """
    file = os.fdopen(open_private(path, os.O_RDWR | os.O_CREAT), "r+", encoding="utf-8")
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file.fileno(), _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        file.close()
        return None
    except OSError:
        file.close()
        raise
    return file


def listen_local() -> tuple[socket.socket, str]:
    """A new listening socket that only this user can reach, and its address, which no other socket ever has.

    A Unix socket of mode 0600 in a private folder. Windows: a loopback port and a secret, which together make the
    address; who connects must show the secret (`address_secret`).
    """
    if sys.platform == "win32":
        listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        return listener, f"{listener.getsockname()[1]} {os.urandom(16).hex()}"
    folder = runtime_dir()
    own_private_folder(folder)
    path = folder / f"{os.urandom(8).hex()}.sock"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    # Before `listen`, so that nobody connects in between.
    path.chmod(0o600)
    listener.listen(_BACKLOG)
    return listener, str(path)


def connect_local(address: str, *, timeout: float) -> socket.socket:
    """A connection to an address of `listen_local`. Raises OSError or ValueError when nobody listens there.

    TimeoutError, and no other, means that a process listens and has not taken the connection within `timeout` seconds.
    """
    if sys.platform == "win32":
        return socket.create_connection(("127.0.0.1", int(address.split()[0])), timeout)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(address)
    except BlockingIOError:
        # What Linux says of a Unix socket whose backlog is full, at once and whatever the time limit.
        connection.close()
        raise TimeoutError(errno.ETIMEDOUT, "too many connections are waiting", address) from None
    except BaseException:
        connection.close()
        raise
    return connection


def address_secret(address: str) -> str:
    """What a client must show to prove that it could read the address; empty where the socket's mode says enough."""
    if sys.platform == "win32":
        return address.partition(" ")[2]
    return ""


def is_address(address: str) -> bool:
    """Whether the socket's file is there; True where sockets have none."""
    if sys.platform == "win32":
        return True
    try:
        return stat.S_ISSOCK(os.lstat(address).st_mode)
    except (OSError, ValueError):
        return False


def remove_address(address: str) -> None:
    """Remove the socket's file; nothing happens when it is no socket or has gone."""
    if sys.platform != "win32" and is_address(address):
        with contextlib.suppress(OSError):
            Path(address).unlink()


def start_detached(command: Sequence[str], *, log: Path, listener: socket.socket) -> "subprocess.Popen[bytes]":
    """Start a process that outlives this one, its standard error appended to `log`.

    It belongs to a session of its own, so that a terminal's signals miss it, and stands in the root folder, so that it
    keeps no folder in use and imports nothing from one. Its standard input is the listening socket
    (`inherited_listener`).
    """
    import subprocess

    descriptor = open_private(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=descriptor, stderr=descriptor, creationflags=flags
            )
            process.communicate(listener.share(process.pid))
            return process
        return subprocess.Popen(
            command, stdin=listener.fileno(), stdout=descriptor, stderr=descriptor, start_new_session=True, cwd="/"
        )
    finally:
        os.close(descriptor)


def inherited_listener() -> socket.socket:
    """The listening socket that `start_detached` gave this process as its standard input."""
    if sys.platform == "win32":
        return socket.fromshare(sys.stdin.buffer.read())
    listener = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return listener


def have_blocking(*descriptors: int) -> None:
    """Have reads and writes wait; whoever started this process may have left them otherwise."""
    if sys.platform != "win32":
        for descriptor in descriptors:
            os.set_blocking(descriptor, True)


def lower_priority() -> None:
    """Let every other process go first."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(10)


def memory_in_use() -> int:
    """Bytes of main memory that this process holds, on macOS the most that it ever held; 0 where nothing tells."""
    if sys.platform == "win32":
        import ctypes

        # PROCESS_MEMORY_COUNTERS as words of 64 bits: its own size and the page faults share the first of nine
        words = (ctypes.c_uint64 * 9)(ctypes.sizeof(ctypes.c_uint64) * 9)
        told = ctypes.windll.kernel32.K32GetProcessMemoryInfo(ctypes.c_void_p(-1), words, ctypes.sizeof(words))
        return words[2] if told and sys.maxsize > 1 << 32 else 0
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0


def _folders() -> "PlatformDirs":
    from platformdirs import PlatformDirs

    return PlatformDirs("rejoinder", appauthor=False)
