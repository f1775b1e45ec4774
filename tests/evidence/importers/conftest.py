"""Writing outside files, reading them back, and what every importer owes for a hostile one."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.importers import FORMATS, importer
from sweet_spot.evidence.importers.common import Imported

Reader = Callable[..., Sequence[Imported]]


@pytest.fixture
def outside(tmp_path: Path) -> Reader:
    """Reads a text or bytes, or an existing file, in a format, with changes to its settings."""

    def read(name: str, content: str | bytes | Path, **settings: float | str) -> Sequence[Imported]:
        path = tmp_path / "outside"
        if isinstance(content, Path):
            path = content
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        else:
            path.write_bytes(content)
        return importer(name)(path, {**FORMATS[name].settings, **settings})

    return read


@pytest.fixture
def refused(outside: Reader, tmp_path: Path) -> Callable[..., str]:
    """The error that a file gets, without its path: one line, within seconds."""

    def reason(name: str, content: str | bytes, **settings: float | str) -> str:
        started = time.perf_counter()
        with pytest.raises(SweetSpotError) as error:
            outside(name, content, **settings)
        assert time.perf_counter() - started < 20  # seconds; the slowest are files of 50 MB
        message = str(error.value)
        assert message.startswith(str(tmp_path / "outside"))
        assert "\n" not in message
        assert len(message) < 1000
        return message.removeprefix(str(tmp_path / "outside"))

    return reason
