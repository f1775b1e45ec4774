"""Reads a file as text within bounds of size: UTF-8 only, and never empty."""

from __future__ import annotations

import codecs
from pathlib import Path

from sweet_spot.errors import InvalidRecord

_OTHER_ENCODINGS = {  # in this order: the mark of UTF-32 may begin with that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class Refused(InvalidRecord):
    """A file cannot be used at all: the rule that it breaks, what is wrong, what to do, where."""

    def __init__(self, rule: str, message: str, remedy: str, line: int | None = None) -> None:
        super().__init__(message)
        self.rule, self.message, self.remedy, self.line = rule, message, remedy, line


def read_text(path: Path, limit: int) -> str:
    """The text of a file of at most so many bytes; raises Refused."""
    raw = read_raw(path, limit)
    for mark, name in _OTHER_ENCODINGS.items():
        if raw.startswith(mark):
            raise Refused("encoding", f"the file is {name}, not UTF-8", "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")  # the mark that some editors put first is harmless
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8"
        raise Refused("encoding", message, "save the file as UTF-8", line) from error
    if not text.strip():
        raise Refused("empty-file", "the file is empty", "fill it or delete it")
    return text


def read_raw(path: Path, limit: int) -> bytes:
    """The bytes of a file of at most so many; raises Refused."""
    try:
        if path.stat().st_size > limit:
            message = f"the file is larger than {limit / 1e6:g} MB"
            raise Refused("too-large", message, "split it by source")
        return path.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        remedy = "check its name and permissions"
        raise Refused("unreadable", f"the file cannot be read: {why}", remedy) from error
