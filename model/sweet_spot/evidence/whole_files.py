"""Writes into a folder whole or not at all, one writer at a time, whoever is killed when."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sweet_spot.errors import InvalidRecord, SweetSpotError

try:
    import fcntl
except ImportError:  # not on Windows: a file is still whole or absent there, but two may be added
    LOCKS = False
else:
    LOCKS = True

STAGED = ".adding-"
"""Begins the names of files that are not in place yet, which no reader of a folder takes."""
PATIENCE = 60.0
"""Seconds to wait for another writer; one takes about a second."""


@contextmanager
def one_writer(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Holds a folder against other writers; what a killed one left half done is swept away.

    The lock is the system's, on the folder itself: it leaves no file, and ends with the process.

    Raises
    ------
    SweetSpotError
        Another writer is at work for longer than `patience` seconds.
    """
    handle = os.open(folder, os.O_RDONLY) if LOCKS else -1
    try:
        _lock(handle, folder, time.monotonic() + patience)
        for left in folder.glob(f"{STAGED}*"):
            left.unlink(missing_ok=True)
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _lock(handle: int, folder: Path, deadline: float) -> None:
    while handle >= 0:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                message = f"{folder}: another command is writing here and does not end"
                raise SweetSpotError(f"{message}; wait for it or end it, then try again") from error
            time.sleep(0.02)
        else:
            return


@contextmanager
def staged(folder: Path, content: bytes, suffix: str = "") -> Iterator[Path]:
    """A file with some content, safe on the disk, that is gone afterwards unless it was placed."""
    handle, name = tempfile.mkstemp(prefix=STAGED, suffix=suffix, dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o644 & ~_umask())  # mkstemp lets nobody else read
        yield path
    finally:
        path.unlink(missing_ok=True)


def new_file(path: Path, content: bytes) -> None:
    """Writes a file that is not there yet, whole or not at all.

    Raises
    ------
    InvalidRecord
        There is such a file already, or it cannot be written.
    """
    try:
        with staged(path.parent, content) as whole:
            os.link(whole, path)  # unlike a rename, it never replaces a file
    except OSError as error:
        raise _unwritten(path, error) from error


def new_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Writes a folder that is not there yet, or is empty, with some files in it, likewise."""
    try:
        with tempfile.TemporaryDirectory(prefix=STAGED, dir=path.parent) as name:
            whole = Path(name) / path.name
            for inner, content in files.items():
                file = whole / inner
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            whole.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> InvalidRecord:
    why = (error.strerror or str(error)).lower()
    return InvalidRecord(f"{path}: cannot be written: {why}; name another with --out")


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def place(path: Path, target: Path) -> None:
    """Moves a staged file to its name, in one step."""
    path.replace(target)
    with suppress(OSError):  # not every system lets a folder be synced
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
