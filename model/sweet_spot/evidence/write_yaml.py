"""Writes text and numbers so that YAML reads them back as they were, on one line."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 _./()%+-]*[A-Za-z0-9_./()%+])?")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))
_STRANGE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def scalar(value: Any) -> str:
    """A text or number; text is quoted wherever YAML could read it as anything else."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if not isinstance(value, str):
        return repr(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return quoted(value)


def quoted(text: str) -> str:
    """A text in double quotes: JSON's, with what YAML does not let stand in a file escaped."""
    as_json = json.dumps(text, ensure_ascii=False)
    return _STRANGE.sub(lambda found: f"\\u{ord(found[0]):04x}", as_json)


def comment(text: str) -> str:
    """A text that can stand in a comment: one line, nothing that a terminal or YAML obeys."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
