"""Why a file is in the index, or why it is not."""

import os

from rejoinder.index.rules import FileKind, kind_of, read_text
from rejoinder.index.walk import ProjectFiles
from rejoinder.platform import open_private

_RANKED_LOWER = {
    FileKind.SOURCE: "",
    FileKind.TEST: ", ranked lower because it is a test",
    FileKind.GENERATED: ", ranked lower because a program made it",
}


def explanation(files: ProjectFiles, path: str, fault: str | None, *, note: str = "") -> tuple[bool, str]:
    """Whether a file is in the index, and the reason.

    `fault` is why it is not there though no rule keeps it out, `note` what is to be said though it is there.
    """
    refusal = files.refusal(path) or files.refusal_on_disk(path)
    if refusal is not None:
        return False, refusal
    found = files.found(path)
    try:
        descriptor = open_private(files.folder / path, os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(0 if found is None else found.size)
    except OSError as error:
        return False, error.strerror or repr(error)
    text, unreadable = read_text(data)
    reason = unreadable or fault
    if reason is not None:
        return False, reason
    lower = _RANKED_LOWER[kind_of(path, text)]
    return True, f"indexed{lower}{f', but {note}' if note else ''}"
