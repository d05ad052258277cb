"""Ctrl-C while the command line is loaded ends it as any other Ctrl-C does, without a traceback."""

from __future__ import annotations

import pytest

from stopline.cli import main as every
from stopline.cli import quick, start


def test_an_interrupt_while_loading_is_an_end_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(quick, "answered", lambda _: None)
    monkeypatch.setattr(every, "main", interrupted)
    with pytest.raises(SystemExit) as end:
        start.main()
    assert end.value.code == 130
