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
    """The entries of one kind in a project that an archive has, by the IDs of those that are here and differ.

    `ours` are all records that were here when this was found out.
    """

    project_id: str
    kind: str
    differing: Collection[str]
    ours: Records


def plan_records(archive: HistoryStore, here: HistoryStore, project_id: str, home: Home | None) -> list[RecordPlan]:
    """How an archive's records of a project compare with those that are here, with all files where they are here."""
    plans = []
    for kind in archive.record_kinds(project_id):
        there = here.records(project_id, kind)
        theirs, ours = (_entries(records_at(home, kind, one)) for one in (archive.records(project_id, kind), there))
        differing = [entry for entry in theirs if entry in ours and theirs[entry] != ours[entry]]
        plans.append(RecordPlan(project_id, kind, differing, there))
    return plans


def bring_in(archive: HistoryStore, here: HistoryStore, plan: RecordPlan, *, replace: bool) -> bool:
    """Store the new entries, and with `replace` those that differ; whether anything was stored."""
    # as it is now: with a session that was replaced meanwhile went what belonged to it alone
    now = here.records(plan.project_id, plan.kind)
    there = {_entry(record_id) for record_id in now}
    missing = {_entry(record_id) for record_id in archive.records(plan.project_id, plan.kind)} - there
    replaced = _unchanged(plan, now) if replace else set()
    wanted = missing | replaced
    records = {
        record_id: record
        for record_id, record in archive.records(plan.project_id, plan.kind).items()
        if _entry(record_id) in wanted
    }
    if replaced:
        old = [each for each in now if _entry(each) in replaced and each not in records]
        here.drop_records(plan.project_id, plan.kind, old)
    if records:
        here.put_records(plan.project_id, plan.kind, records, erase=replace)
    return bool(records)


def _unchanged(plan: RecordPlan, now: Records) -> set[str]:
    """The entries that differ and are still as they were; what was changed since is in no copy of what was here."""
    differing = set(plan.differing)
    before, after = (
        {each: records[each] for each in records if _entry(each) in differing} for records in (plan.ours, now)
    )
    others = {_entry(each) for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
    return differing - others


def _entries(records: Records) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Records by the entry that they belong to."""
    entries: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for record_id, record in records.items():
        entries[_entry(record_id)][record_id] = record
    return entries


def _entry(record_id: str) -> str:
    return record_id.partition("/")[0]
