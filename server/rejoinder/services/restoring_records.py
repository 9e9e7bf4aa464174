"""The records of an archive brought in beside those that are here."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from rejoinder.declared import frozen
from rejoinder.domain.homes import Home
from rejoinder.services.homed_history import records_at
from rejoinder.services.store_ports import HistoryStore

Records = Mapping[str, Mapping[str, Any]]


@frozen
class RecordPlan:
    """The entries of one kind in a project that an archive has, by the IDs of those that are here and differ."""

    project_id: str
    kind: str
    differing: Collection[str]


def plan_records(archive: HistoryStore, here: HistoryStore, project_id: str, home: Home | None) -> list[RecordPlan]:
    """How an archive's records of a project compare with those that are here, with all files where they are here."""
    plans = []
    for kind in archive.record_kinds(project_id):
        theirs, ours = (_entries(records_at(home, kind, one.records(project_id, kind))) for one in (archive, here))
        differing = [entry for entry in theirs if entry in ours and theirs[entry] != ours[entry]]
        plans.append(RecordPlan(project_id, kind, differing))
    return plans


def bring_in(archive: HistoryStore, here: HistoryStore, plan: RecordPlan, *, replace: bool) -> bool:
    """Store the new entries, and with `replace` those that differ; whether anything was stored."""
    # as it is now: with a session that was replaced meanwhile went what belonged to it alone
    there = {_entry(record_id) for record_id in here.records(plan.project_id, plan.kind)}
    missing = {_entry(record_id) for record_id in archive.records(plan.project_id, plan.kind)} - there
    wanted = missing | set(plan.differing if replace else ())
    records = {
        record_id: record
        for record_id, record in archive.records(plan.project_id, plan.kind).items()
        if _entry(record_id) in wanted
    }
    if replace and plan.differing:
        replaced = set(plan.differing)
        old = [
            each
            for each in here.records(plan.project_id, plan.kind)
            if _entry(each) in replaced and each not in records
        ]
        here.drop_records(plan.project_id, plan.kind, old)
    if records:
        here.put_records(plan.project_id, plan.kind, records, erase=replace)
    return bool(records)


def _entries(records: Records) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Records by the entry that they belong to."""
    entries: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for record_id, record in records.items():
        entries[_entry(record_id)][record_id] = record
    return entries


def _entry(record_id: str) -> str:
    return record_id.partition("/")[0]
