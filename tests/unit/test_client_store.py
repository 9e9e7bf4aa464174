import os
import signal

import pytest

from rejoinder_client.cli.store import _Progress


def test_ctrl_c_ends_a_copy_at_the_next_step_and_then_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    progress = _Progress(quiet=False)
    with progress.interruptible():
        progress("copying", 0, 2, "first")
        os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is before
        with pytest.raises(KeyboardInterrupt):
            progress("copying", 1, 2, "second")
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().err == "copying: 0 of 2\n"


def test_programs_are_told_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    _Progress(quiet=True)("copying", 2, 2, "")
    assert capsys.readouterr().err == ""
