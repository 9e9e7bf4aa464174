"""A minute of fuzzing; `fuzz.py` goes on for longer."""

from pathlib import Path

import pytest

from faults.fuzz import fuzz


@pytest.mark.slow
async def test_nothing_that_is_sent_harms_the_engine(tmp_path: Path) -> None:
    sent = await fuzz(tmp_path, seconds=60.0, seed=20_240_611)
    assert min(sent["requests"], sent["streams of bytes"]) > 100, sent
