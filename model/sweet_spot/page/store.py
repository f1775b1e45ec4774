"""Answers on the disk before they are acknowledged: one SQLite file, with tokens as hashes only.

A *sheet* is one person's form: whoever holds its token fills it in. A workshop has a sheet for each
expert; a forecast of one's own is a sheet too. Nothing is overwritten: an answer is a row, and the
last one counts. The file is in WAL mode with synchronous=FULL, so that a commit is on the disk when
it returns, and a server that is killed loses nothing that it has acknowledged.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweet_spot.errors import SweetSpotError, UnusableStore

FORMAT = "1"
MOST_ANSWERS = 200
"""Of one person to one question in one round: more is not somebody who changes their mind."""
MOST_NOTES = 30
"""Of one person on one question."""

Fields = Mapping[str, str]
"""What stands in a form, as it was typed."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sheet (
    id INTEGER PRIMARY KEY, token BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
    questions TEXT NOT NULL, made TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY, sheet INTEGER NOT NULL REFERENCES sheet, question TEXT NOT NULL,
    round INTEGER NOT NULL, nonce TEXT NOT NULL, fields TEXT NOT NULL, at TEXT NOT NULL,
    UNIQUE (sheet, question, round, nonce, fields)) STRICT;
CREATE TABLE IF NOT EXISTS working (
    sheet INTEGER NOT NULL REFERENCES sheet, question TEXT NOT NULL, round INTEGER NOT NULL,
    fields TEXT NOT NULL, PRIMARY KEY (sheet, question, round)) STRICT;
CREATE TABLE IF NOT EXISTS note (
    id TEXT PRIMARY KEY, sheet INTEGER NOT NULL REFERENCES sheet, question TEXT NOT NULL,
    text TEXT NOT NULL, at TEXT NOT NULL) STRICT;
"""


class Closed(SweetSpotError):
    """An answer came after its round was closed; nothing was taken."""


class TooMany(SweetSpotError):
    """A person has sent more than anybody needs; nothing was taken."""


@dataclass(frozen=True)
class Sheet:
    """One person's form: its number in the file, whose it is, and what it asks (ids)."""

    id: int
    name: str
    questions: tuple[str, ...]
    made: str


@dataclass(frozen=True)
class Answer:
    """An answer as it was sent: the form's fields, and when (ISO, UTC)."""

    sheet: int
    question: str
    round: int
    fields: Fields
    at: str


@dataclass(frozen=True)
class Note:
    """A note in the discussion; its id says nothing about who wrote it or when."""

    id: str
    sheet: int
    question: str
    text: str


def open_store(path: Path) -> sqlite3.Connection:
    """Opens a file of answers, or makes it; only its owner can read it.

    Raises
    ------
    UnusableStore
        The file cannot be opened, or is of another kind or version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        held = sqlite3.connect(path, isolation_level=None, timeout=10)
    except (OSError, sqlite3.Error) as error:
        raise UnusableStore(f"{path}: cannot be opened: {error}; name another folder") from error
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            held.execute(f"PRAGMA {pragma}")
        with transaction(held):
            for statement in filter(str.strip, SCHEMA.split(";")):
                held.execute(statement)
            held.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (FORMAT,))
        if meta(held, "format") != FORMAT:
            raise UnusableStore(f"{path}: is from another version; name another folder")
    except (sqlite3.Error, UnusableStore) as error:
        held.close()
        message = f"{path}: is no file of answers ({error}); name another folder"
        raise error if isinstance(error, UnusableStore) else UnusableStore(message) from error
    return held


@contextmanager
def transaction(held: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, on the disk when it returns."""
    held.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        held.execute("ROLLBACK")
        raise
    held.execute("COMMIT")


def now() -> str:
    """The present moment, UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def hashed(token: str) -> bytes:
    """What is kept of a token: of 256 random bits a plain hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def same_token(token: str, kept: bytes) -> bool:
    """Whether a token is the one of a hash, in a time that does not depend on how near it is."""
    return hmac.compare_digest(hashed(token), kept)


def meta(held: sqlite3.Connection, key: str) -> str:
    """A setting of the whole file; empty where there is none."""
    row = held.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else ""


def set_meta(held: sqlite3.Connection, **values: str) -> None:
    """Writes settings of the whole file."""
    held.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(values.items()))


def change_meta(held: sqlite3.Connection, key: str, old: str, new: str) -> bool:
    """Sets a value if it still is what it was; says whether it was."""
    done = held.execute("UPDATE meta SET value = ? WHERE key = ? AND value = ?", (new, key, old))
    return done.rowcount == 1


def new_sheet(held: sqlite3.Connection, name: str, questions: Sequence[str] = ()) -> str:
    """Makes a sheet and gives its token, which is kept nowhere."""
    token = secrets.token_urlsafe(32)
    row = (hashed(token), name, json.dumps(list(questions)), now())
    held.execute("INSERT INTO sheet (token, name, questions, made) VALUES (?, ?, ?, ?)", row)
    return token


def new_token(held: sqlite3.Connection, sheet: int) -> str:
    """Gives a sheet another token; the old one opens nothing any more."""
    token = secrets.token_urlsafe(32)
    held.execute("UPDATE sheet SET token = ? WHERE id = ?", (hashed(token), sheet))
    return token


def sheet_of(held: sqlite3.Connection, token: str) -> Sheet | None:
    """The sheet that a token opens, if there is one."""
    found = None
    for row in held.execute("SELECT token, id, name, questions, made FROM sheet"):
        if same_token(token, row[0]):  # all are compared: how long it takes tells nothing
            found = Sheet(row[1], row[2], tuple(json.loads(row[3])), row[4])
    return found


def sheets(held: sqlite3.Connection) -> tuple[Sheet, ...]:
    """All sheets, in the order in which they were made."""
    rows = held.execute("SELECT id, name, questions, made FROM sheet ORDER BY id")
    return tuple(Sheet(row[0], row[1], tuple(json.loads(row[2])), row[3]) for row in rows)


def put_answer(
    held: sqlite3.Connection, answer: Answer, nonce: str, phase: str | None = None
) -> None:
    """Takes an answer; it is on the disk when this returns.

    Sent twice (a double click, a network that repeats) it is one answer, and one that was sent
    before never comes back in front of a later one.

    Raises
    ------
    Closed
        The file is in another phase than this, if one is named.
    TooMany
        There are too many answers of this person to this question.
    """
    key = (answer.sheet, answer.question, answer.round)
    fields = json.dumps(dict(sorted(answer.fields.items())), ensure_ascii=False)
    with transaction(held):
        if phase is not None and meta(held, "phase") != phase:
            raise Closed("this round is closed: your answer was not taken")
        count = held.execute(
            "SELECT count(*) FROM answer WHERE (sheet, question, round) = (?, ?, ?)", key
        ).fetchone()[0]
        if count >= MOST_ANSWERS:
            raise TooMany(f"{MOST_ANSWERS} answers to one question are enough")
        held.execute(
            "INSERT OR IGNORE INTO answer (sheet, question, round, nonce, fields, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (*key, nonce, fields, answer.at),
        )
        held.execute("DELETE FROM working WHERE (sheet, question, round) = (?, ?, ?)", key)


def answers(held: sqlite3.Connection, sheet: int | None = None) -> tuple[Answer, ...]:
    """The last answer of each person to each question in each round; of one person, if named."""
    rows = held.execute(
        "SELECT sheet, question, round, fields, at FROM answer WHERE id IN"
        " (SELECT max(id) FROM answer GROUP BY sheet, question, round)"
        " AND (?1 IS NULL OR sheet = ?1) ORDER BY sheet, question, round",
        (sheet,),
    )
    return tuple(Answer(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows)


def put_working(
    held: sqlite3.Connection, sheet: int, question: str, round_: int, fields: Fields
) -> None:
    """Keeps what stands in a form that has not been sent.

    Fields that the form does not show now, as of another way to answer, stay as they were.
    """
    whole = {**(working(held, sheet, question, round_) or {}), **fields}
    row = (sheet, question, round_, json.dumps(whole, ensure_ascii=False))
    held.execute("INSERT OR REPLACE INTO working VALUES (?, ?, ?, ?)", row)


def working(held: sqlite3.Connection, sheet: int, question: str, round_: int) -> Fields | None:
    """What stands in a form that has not been sent since its last answer."""
    row = held.execute(
        "SELECT fields FROM working WHERE (sheet, question, round) = (?, ?, ?)",
        (sheet, question, round_),
    ).fetchone()
    return json.loads(row[0]) if row else None


def put_note(
    held: sqlite3.Connection, sheet: int, question: str, text: str, phases: Sequence[str]
) -> None:
    """Takes a note for the discussion, while it is on; raises Closed and TooMany as an answer.

    The same words twice are one note.
    """
    with transaction(held):
        if meta(held, "phase") not in phases:
            raise Closed("the discussion is closed: your note was not taken")
        said = held.execute(
            "SELECT text FROM note WHERE (sheet, question) = (?, ?)", (sheet, question)
        ).fetchall()
        if (text,) in said:
            return
        if len(said) >= MOST_NOTES:
            raise TooMany(f"{MOST_NOTES} notes on one question are enough")
        row = (secrets.token_hex(16), sheet, question, text, now())
        held.execute("INSERT INTO note VALUES (?, ?, ?, ?, ?)", row)


def notes(held: sqlite3.Connection, question: str) -> tuple[Note, ...]:
    """The notes on a question in an order that is not that of writing."""
    rows = held.execute(
        "SELECT id, sheet, question, text FROM note WHERE question = ? ORDER BY id", (question,)
    )
    return tuple(Note(*row) for row in rows)
