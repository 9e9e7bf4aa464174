"""Projects, settings, and what an editor may be asked."""

from typing import Any

from rejoinder.protocol.declare import wire
from rejoinder.protocol.method import Method, Nothing
from rejoinder.protocol.types import Attachment


@wire
class Project:
    """A workspace folder with sessions. `paths` are where it was seen, newest first."""

    project_id: str
    name: str
    paths: list[str]
    sessions: int
    trusted: bool
    created_at: str


@wire
class Setting:
    """A setting with its value and the layer that it came from."""

    key: str
    value: Any
    source: str
    default: Any
    help: str


@wire
class ProjectListResult:
    """Every known project."""

    projects: list[Project]


@wire(kw_only=True)
class ProjectRelinkParams:
    """A project and the folder that it is in now. `replace`: also when what another project holds loses it by that."""

    project_id: str
    path: str
    replace: bool | None = None


@wire(kw_only=True)
class ProjectTrustParams:
    """A project and whether it is trusted."""

    project_id: str
    trusted: bool


@wire
class ConfigResult:
    """Every setting, with the layer that it came from."""

    settings: list[Setting]


@wire(kw_only=True)
class EditorContextParams:
    """The document in question."""

    uri: str | None = None


@wire
class EditorContextResult:
    """What an editor sees: LSP diagnostics, visible and recent documents, the selection."""

    diagnostics: list[dict[str, Any]] | None = None
    visible: list[str] | None = None
    recent: list[str] | None = None
    selection: Attachment | None = None


PROJECT_LIST = Method("project/list", Nothing, ProjectListResult)
PROJECT_RELINK = Method("project/relink", ProjectRelinkParams, Project)
PROJECT_TRUST = Method("project/trust", ProjectTrustParams, Project)
CONFIG = Method("config", Nothing, ConfigResult)

EDITOR_CONTEXT = Method("editor/context", EditorContextParams, EditorContextResult)
"""What the server may ask a client that declares the feature `editorContext`."""
