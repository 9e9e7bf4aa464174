"""`rejoinder project`."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from rejoinder_client.cli.arguments import add_action, add_actions, add_yes
from rejoinder_client.cli.confirming import confirmed
from rejoinder_client.cli.connecting import connected, project_folder
from rejoinder_client.cli.failures import UsageError
from rejoinder_client.cli.output import counted, local_time, print_json
from rejoinder_client.places import absolute

if TYPE_CHECKING:
    from rejoinder.protocol.projects import Project

_SHORT_ID = 8
_REF = "ID, name or beginning of the ID of a project"


def declare(command: ArgumentParser) -> None:
    """The arguments of `project`."""
    actions = add_actions(command)
    add_action(actions, "list", "list every project that has been opened", list_projects)
    relinking = add_action(actions, "relink", "say where a project's folder is now", relink)
    relinking.add_argument("ref", metavar="PROJECT", help=_REF)
    relinking.add_argument("path", metavar="FOLDER", help="the folder that it is in now")
    relinking.add_argument("--replace", action="store_true", help="even when the folder is a project that is not empty")
    add_yes(relinking)
    for name, summary in (("trust", "let a project's own files change its settings"), ("distrust", "take that back")):
        trusting = add_action(actions, name, summary, trust)
        trusting.add_argument("ref", nargs="?", metavar="PROJECT", help=f"{_REF} (default: this folder's)")
        trusting.set_defaults(trusted=name == "trust")


def list_projects(options: Namespace) -> int:
    """Print every project, newest first; the one of this folder is marked."""
    folder = project_folder(options)
    with connected(options) as client:
        projects = client.projects()
    if options.json:
        print_json({"projects": projects})
        return 0
    from rejoinder_client.cli.tables import Column, print_table

    columns = (
        Column(""),
        Column("ID", style="bold"),
        Column("Name", elastic=True),
        Column("Sessions", right=True),
        Column("Trusted", spare=True),
        Column("Opened", spare=True),
        Column("Folder", elastic=True),
    )
    rows = [
        (
            "●" if _is_here(project, folder) else "",
            project.project_id[:_SHORT_ID],
            project.name,
            str(project.sessions),
            "yes" if project.trusted else "",
            local_time(project.created_at),
            project.paths[0] if project.paths else "",
        )
        for project in projects
    ]
    print_table(columns, rows) if rows else print("No projects found.")
    return 0


def relink(options: Namespace) -> int:
    """Give a project the folder that it is in now."""
    from rejoinder.protocol.projects import PROJECT_RELINK, ProjectRelinkParams

    path = absolute(options.path)
    if options.replace and not confirmed(f"Take {path} from the project that it is now?", yes=options.yes):
        return 1
    with connected(options) as client:
        project_id = _chosen(client.projects(), options.ref)
        params = ProjectRelinkParams(project_id=project_id, path=str(path), replace=options.replace or None)
        project = client.request(PROJECT_RELINK, params)
    if options.json:
        print_json(project)
    else:
        sessions = counted(project.sessions, "session")
        print(f"{project.name} ({project.project_id}) is in {project.paths[0]} now, with {sessions}.")
    return 0


def trust(options: Namespace) -> int:
    """Trust a project, or no longer."""
    from rejoinder.protocol.projects import PROJECT_TRUST, ProjectTrustParams

    folder = project_folder(options)
    with connected(options) as client:
        known = client.projects()
        here = next((each.project_id for each in known if _is_here(each, folder)), None)
        project_id = _chosen(known, options.ref) if options.ref else here
        if project_id is None:
            raise UsageError("This folder is no known project.", hint="Name one; `rejoinder project list` shows them.")
        project = client.request(PROJECT_TRUST, ProjectTrustParams(project_id=project_id, trusted=options.trusted))
    if options.json:
        print_json(project)
    else:
        print(f"{'Trusted' if project.trusted else 'Not trusted'}: {project.name} ({project.project_id})")
    return 0


def _is_here(project: "Project", folder: Path | None) -> bool:
    return folder is not None and str(folder.resolve()) in project.paths


def _chosen(projects: "list[Project]", ref: str) -> str:
    from rejoinder_client.cli.choosing import pick

    known = [(project.project_id, project.name) for project in projects]
    return pick(ref, known, "among the projects", listing="project list")
