"""Adding: all or nothing, killed or at once; twice is once; withdrawals."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from sweet_spot.errors import InvalidRecord, MissingData, SweetSpotError
from sweet_spot.evidence.add import add
from sweet_spot.evidence.ledger import live_ids, states
from sweet_spot.evidence.reading import data_files, read_elicitations
from sweet_spot.evidence.whole_files import STAGED, one_writer, staged
from sweet_spot.evidence.withdraw import withdraw

TODAY = dt.date(2026, 3, 1)
NEW = {"id": "second", "expert": "Ben Example", "values": [2026, 2031, 2045]}


@pytest.fixture
def draft(toy):
    """A sound file outside the folder of elicitations."""
    return move_out(toy, NEW)


def move_out(toy, *statements, name="two", **changes):
    inside = toy.say(*statements, name=name, **changes)
    outside = toy.folder / inside.name
    inside.rename(outside)
    return outside


def ledger(toy):
    return {p.name: p.read_bytes() for p in (toy.folder / "elicitations").iterdir()}


def said(toy):
    return read_elicitations(data_files(toy.folder).elicitations)


def test_a_sound_file_is_added_as_it_is(toy, draft):
    before = ledger(toy)
    done = add(draft, toy.folder, today=TODAY)
    assert done.file == toy.folder / "elicitations" / "two.yaml"
    assert (done.statements, done.endings, done.known) == (("second",), (), ())
    assert str(done) == f"added 1 statements, 0 endings to {done.file}"
    assert ledger(toy) == {**before, "two.yaml": draft.read_bytes()}
    assert {item.statement.id for item in said(toy)} == {"first", "second"}


def test_the_same_file_twice_adds_nothing_and_says_so(toy, draft):
    add(draft, toy.folder, today=TODAY)
    before = ledger(toy)
    other = toy.folder / "other.yaml"
    other.write_bytes(b"# the same under another name\n" + draft.read_bytes())
    for path in (draft, other, toy.folder / "elicitations" / "two.yaml"):
        done = add(path, toy.folder, today=TODAY)
        assert (done.file, done.known) == (None, ("second",))
        assert "nothing added" in str(done)
        assert ledger(toy) == before


@pytest.mark.parametrize(
    "changes",
    [
        [NEW, {**NEW, "id": "third", "question": "yaer"}],
        [NEW, {"id": "first", "expert": "Cy Example"}],
        [{"id": "second"}],  # Ada has answered already
        [{**NEW, "values": [2031, 2030, 2029]}],
        [{**NEW, "location": None}],
    ],
)
def test_one_error_and_nothing_is_added(toy, changes):
    draft = move_out(toy, *changes)
    before = ledger(toy)
    with pytest.raises(InvalidRecord, match="nothing was added") as error:
        add(draft, toy.folder, today=TODAY)
    assert str(draft) in str(error.value)
    assert STAGED not in str(error.value)
    assert ledger(toy) == before


def test_a_file_that_has_grown_replaces_what_it_was(toy, draft):
    add(draft, toy.folder, today=TODAY)
    grown = move_out(toy, NEW, {**NEW, "id": "third", "date": "2025-04-02"}, name="twice")
    grown = grown.rename(draft)
    done = add(grown, toy.folder, today=TODAY)
    assert (done.statements, done.known) == (("third",), ("second",))
    assert {item.statement.id for item in said(toy)} == {"first", "second", "third"}


@pytest.mark.parametrize(
    ("changes", "source"),
    [({**NEW, "id": "third"}, {}), ({**NEW, "values": [2026, 2031, 2046]}, {}),
     (NEW, {"url": "https://example.org/other"})],
)  # fmt: skip
def test_a_file_of_the_same_name_never_loses_what_is_there(toy, draft, changes, source):
    add(draft, toy.folder, today=TODAY)
    before = ledger(toy)
    statements = [changes, {**NEW, "id": "fourth", "expert": "Cy Example", "cluster": "c"}]
    other = move_out(toy, *statements, source=source, name="fresh").rename(draft)
    with pytest.raises(InvalidRecord, match=r"two\.yaml is there already"):
        add(other, toy.folder, today=TODAY)
    assert ledger(toy) == before


def test_warnings_are_told_and_do_not_stop(toy):
    done = add(move_out(toy, {**NEW, "verified": "secondary"}), toy.folder, today=TODAY)
    assert [(w.rule, w.file.name) for w in done.warnings] == [("secondary", "two.yaml")]


def test_what_is_no_elicitation_file_is_refused(toy, tmp_path):
    with pytest.raises(MissingData, match="no such file"):
        add(tmp_path / "nothing.yaml", toy.folder)
    with pytest.raises(InvalidRecord, match=r"call it NAME\.yaml"):
        add(toy.write("two.txt", "schema: 1"), toy.folder)
    with pytest.raises(MissingData):
        add("/dev/zero", toy.folder)
    for content in (b"\xff\xfe", b"a: [1", b"", b"a: &a [*a]", b"x" * 20_000_001):
        before = ledger(toy)
        with pytest.raises(InvalidRecord):
            add(toy.write("two.yaml", content), toy.folder)
        assert ledger(toy) == before


SLOW = """
import sys, time, datetime as dt
import sweet_spot.evidence.{module} as module
def slow(*arguments, before={name}):
    print("here", flush=True)
    time.sleep(60)
    return before(*arguments)
module.{attribute} = slow
from sweet_spot.evidence.add import add
add(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize(
    ("module", "attribute"), [("add", "place"), ("add", "_refuse_loss"), ("whole_files", "_umask")]
)
def test_killed_midway_nothing_changed_and_the_next_one_works(toy, draft, module, attribute):
    before = ledger(toy)
    code = SLOW.format(module=module, attribute=attribute, name=f"module.{attribute}")
    command = [sys.executable, "-c", code, str(draft), str(toy.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout.readline() == b"here\n"
        os.kill(run.pid, signal.SIGKILL)
    after = ledger(toy)
    assert {
        name: content for name, content in after.items() if not name.startswith(STAGED)
    } == before
    assert {item.statement.id for item in said(toy)} == {"first"}
    add(draft, toy.folder, today=TODAY)
    assert ledger(toy) == {**before, "two.yaml": draft.read_bytes()}  # what was left is swept away


ADD = "import sys; from sweet_spot.evidence.add import add; print(add(*sys.argv[1:]))"


def at_once(toy, *files):
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, str(file), str(toy.folder)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for file in files
    ]  # fmt: skip
    return [(*run.communicate(), run.returncode) for run in runs]


def test_two_at_once_of_one_file_add_it_once(toy, draft):
    told = sorted(out for out, _, code in at_once(toy, draft, draft) if code == 0)
    assert [line.split()[0] for line in told] == ["added", "nothing"]
    assert {item.statement.id for item in said(toy)} == {"first", "second"}


def test_two_at_once_that_exclude_each_other_leave_one(toy, draft):
    rival = move_out(
        toy, {**NEW, "expert": "Cy Example", "values": [2027, 2032, 2050]}, name="three"
    )
    codes = [code for _, _, code in at_once(toy, draft, rival)]
    assert sorted(codes) == [0, 1]
    assert {item.statement.id for item in said(toy)} == {"first", "second"}


def test_a_writer_that_does_not_end_is_told(tmp_path):
    started = time.monotonic()
    with one_writer(tmp_path):
        second = one_writer(tmp_path, patience=0.1)
        with pytest.raises(SweetSpotError, match="another command is writing"):
            second.__enter__()
    assert time.monotonic() - started < 5
    with one_writer(tmp_path), staged(tmp_path, b"x") as path:
        assert path.read_bytes() == b"x"
    assert list(tmp_path.iterdir()) == []


def test_withdrawn_from_a_day_on_and_never_deleted(toy):
    done = withdraw("first", "retracted: «was» wrong", toy.folder, date="2025-06-01", today=TODAY)
    assert (done.file.name, done.endings) == ("withdrawn-first.yaml", ("first",))
    content = yaml.safe_load(done.file.read_text(encoding="utf-8"))
    assert content["source"]["url"] == "https://example.org"
    assert live_ids(said(toy), dt.date(2025, 5, 31)) == {"first"}
    assert live_ids(said(toy), dt.date(2025, 6, 1)) == set()
    (state,) = states(said(toy)).values()
    assert str(state) == "withdrawn since 2025-06-01: retracted: «was» wrong"
    assert toy.broken() == []
    before = ledger(toy)
    assert "nothing added" in str(withdraw("first", "again", toy.folder, today=TODAY))
    assert ledger(toy) == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"statement": "frist"}, "did you mean first"), ({"date": "2024"}, "earlier than"),
     ({"date": "2027-01-01"}, "in the future"), ({"why": ""}, "missing or empty"),
     ({"date": "soon"}, "is not a date")],
)  # fmt: skip
def test_a_withdrawal_that_cannot_be_changes_nothing(toy, changes, told):
    before = ledger(toy)
    with pytest.raises(InvalidRecord, match=told):
        withdraw(
            **{"statement": "first", "why": "w", "data": toy.folder, "today": TODAY, **changes}
        )
    assert ledger(toy) == before
