"""What an editor shows its user: problems, visible documents, the selection."""

from typing import Literal

from rejoinder.declared import frozen
from rejoinder.domain.conversation import Attachment, Place

Severity = Literal["error", "warning", "information", "hint"]


@frozen
class Problem:
    """A diagnostic. Its place counts lines from 0; characters are in the editor's own units."""

    uri: str
    place: Place
    message: str
    severity: Severity = "error"
    source: str | None = None


@frozen
class EditorView:
    """All of it may be missing."""

    problems: tuple[Problem, ...] = ()
    visible: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    selection: Attachment | None = None


def problems_text(problems: tuple[Problem, ...], paths: dict[str, str]) -> str:
    """One line for each problem, with the file and the line as people count it. `paths` shows each URI."""
    lines = []
    for problem in problems:
        by = f" ({problem.source})" if problem.source else ""
        message = " ".join(problem.message.split())
        lines.append(f"{paths[problem.uri]}:{problem.place.start_line + 1}: {problem.severity}: {message}{by}")
    return "\n".join(lines)
