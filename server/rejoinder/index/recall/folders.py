"""Where a project's recall index lies."""

import hashlib
from pathlib import Path


def folder_of(root: Path, project_id: str) -> Path:
    """A folder that is named for a project, whatever its ID looks like."""
    return root / hashlib.sha256(project_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
