"""EXCALIBUR: fixed columns whatever ids hold, missing codes, seeds and targets, encodings."""

import json

import pytest

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.importers import excalibur

HEADER = "* CLASS ASCII OUTPUT FILE. NQ=   3   QU=   5  50  95\n"


def line(expert, item, scale="UNI", values=" 1.0E+0000 2 3", number=1):
    return f"{number:5d} {expert:>8s}{number:5d} {item:>14s} {scale}{values}\n"


SOUND = HEADER + line("Ada log", "log of it") + line("Bo", "log of it", "log", "\t4\t5\t6 What?")
RELEASES = "    1      log of it  2.50000E+0000 UNI  What is it?\n"


def test_the_samples_meet_their_counts(shared):
    folder = shared / "formats"
    expected = json.loads((folder / "expected_counts.json").read_text())
    studies = {name: w for name, w in expected.items() if name.startswith("excalibur/")}
    assert len(studies) == 4
    for name, wanted in studies.items():
        study = excalibur.read_study(folder / f"{name}.dtt")
        said, items = study.assessments, study.items.values()
        assert list(study.levels) == wanted["quantiles"]
        assert list(dict.fromkeys(row.expert for row in said)) == wanted["experts"]
        assert len({row.item for row in said}) == wanted["n_items"]
        assert len(said) == wanted["n_rows"]
        assert sum(row.scale == "LOG" for row in said) == wanted["log_rows"]
        assert len(items) == wanted["rls_items"]
        seeds = sum(item.realisation is not None for item in items)
        assert (seeds, len(items) - seeds) == (wanted["seed_items"], wanted["target_items"])
        missing = sum(None in row.values for row in said)
        assert missing == wanted.get("rows_missing", 0)
        assert len(excalibur.read(folder / f"{name}.dtt", {})) == len(said) - missing
        if "item_ids" in wanted:
            assert list(dict.fromkeys(row.item for row in said)) == wanted["item_ids"]
            assert "Grösse" in said[0].text


def test_ids_may_hold_blanks_and_words(outside):
    ada, bo = outside("excalibur", SOUND)
    assert (ada.forecaster, ada.question, ada.values) == ("Ada log", "log of it", (1, 2, 3))
    assert (bo.forecaster, bo.levels, bo.text) == ("Bo", (0.05, 0.5, 0.95), "What?")
    assert (bo.values, bo.role, bo.line) == ((4, 5, 6), None, 3)


def test_a_seed_item_is_a_check(outside, tmp_path):
    (tmp_path / "outside.rls").write_text(RELEASES)
    ada, _ = outside("excalibur", SOUND)
    assert (ada.role, ada.text) == ("check", "What is it?")
    assert "2.5" in ada.reason
    (tmp_path / "outside.rls").write_text(RELEASES.replace("2.50000E+0000", "-9.99500E+0002"))
    assert outside("excalibur", SOUND)[0].role is None


def test_missing_answers(outside):
    text = SOUND.replace("4\t5\t6", "-999.5\t5\t-1000") + line("C", "i", values=" -999.5" * 3)
    _, bo = outside("excalibur", text)
    assert (bo.levels, bo.values) == ((0.5,), (5,))


def test_dos_line_ends_marks_and_code_page(outside):
    text = SOUND.replace("What?", "Grösse?").replace("\n", "\r\n") + "\x1a"
    _, bo = outside("excalibur", text.encode("cp1252"))
    assert bo.text == "Grösse?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("* CLASS ASCII\n", ":1: '* CLASS ASCII' is no header"),
        (HEADER, "no line below the header"),
        (HEADER.replace("3 ", "4 ") + line("A", "i"), "NQ is 4, but there are 3 percents"),
        (HEADER.replace(" 5 ", "50 ") + line("A", "i"), "the percents do not rise"),
        (HEADER.replace(" 5 ", " 0 ") + line("A", "i"), "the percents do not rise"),
        (HEADER + line("A", "i", values=" 1 2"), ":2: 2 values, where the header has 3"),
        (HEADER + line("A", "i", values=" 3 2 1"), ":2: the quantiles of 'i' fall"),
        (HEADER + line("A", "i", values=" 1 2 nan"), "'nan', not a number"),
        (HEADER + line("A", "i", values=" 1 2 1E+0308"), "beyond 1e+100"),
        (HEADER + line("A", "i", "XYZ"), "'XYZ' where UNI or LOG is due"),
        (HEADER + line("", "i"), "is empty"),
        (HEADER + line("A", "i\t"), "a tab stands before the values"),
        (HEADER + "A 1 i UNI 1 2 3\n", "where a number of expert or item is due"),
        (HEADER + line("A", "i") * 2, ":3: 'A' answers 'i' twice"),
    ],
)
def test_what_is_wrong_is_named(refused, text, message):
    assert message in refused("excalibur", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RELEASES * 2, "rls:2: the item 'log of it' stands twice"),
        (RELEASES[:30], "where UNI or LOG is due"),
        (RELEASES.replace("2.5", "x"), "not a number"),
        (b"\xff\xfea\x00", "the file is UTF-16"),
    ],
)
def test_a_wrong_rls_is_named(outside, tmp_path, text, message):
    content = text.encode() if isinstance(text, str) else text
    (tmp_path / "outside.rls").write_bytes(content)
    with pytest.raises(InvalidRecord) as error:
        outside("excalibur", SOUND)
    assert message in str(error.value)
    with pytest.raises(InvalidRecord, match=r"the answers are in the \.dtt"):
        excalibur.read(tmp_path / "outside.rls", {})
