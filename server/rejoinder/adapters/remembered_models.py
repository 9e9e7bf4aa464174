"""The model that was said yes to, and what was offered, in a journal in the data folder."""

from pathlib import Path

from rejoinder.adapters.tinydb_storage import JournalStorage

_CHOICE, _OFFERED = "choice", "offered"


class RememberedModels:
    """What a user was asked and has answered. One thread at a time changes it."""

    def __init__(self, data_dir: Path) -> None:
        """Open the journal of a data folder. Raises StorageCorrupt for one of a newer format."""
        self._storage = JournalStorage(data_dir / "models")
        self.faults = self._storage.faults
        """What was found damaged on opening, in sentences for people."""
        model = self._storage.rows(_CHOICE).get("model", {}).get("model")
        self._model = model if isinstance(model, str) and model else None
        self._offered = frozenset(self._storage.rows(_OFFERED))

    @property
    def model(self) -> str | None:
        """The model to use where no setting names one."""
        return self._model

    @property
    def offered(self) -> frozenset[str]:
        """What was offered."""
        return self._offered

    def choose(self, model: str | None) -> None:
        """Remember a yes, or forget it; on the disk before the call returns."""
        self._storage.commit([["put", _CHOICE, "model", {"model": model}]])
        self._model = model

    def offer(self, names: frozenset[str]) -> None:
        """Remember that these were offered; on the disk before the call returns."""
        if new := sorted(names - self._offered):
            self._storage.commit([["put", _OFFERED, name, {}] for name in new])
            self._offered |= names

    def close(self) -> None:
        """Let go of the file."""
        self._storage.close()
