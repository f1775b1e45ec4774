"""Writes text so that YAML reads it back as that text, on one line."""

from __future__ import annotations

import json
import re

_STRANGE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def quoted(text: str) -> str:
    """A text in double quotes: JSON's, with what YAML does not let stand in a file escaped."""
    as_json = json.dumps(text, ensure_ascii=False)
    return _STRANGE.sub(lambda found: f"\\u{ord(found[0]):04x}", as_json)


def comment(text: str) -> str:
    """A text that can stand in a comment: one line, nothing that a terminal or YAML obeys."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
