"""Every importer and files that are cut, foreign, huge or random: one error, in bounded time."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.importers import FORMATS, import_file, importer
from sweet_spot.evidence.importers.common import LARGEST, MAX_BYTES, MAX_LINE

SOUND = {
    "tidy": "question_id,forecaster,kind,level,value,unit\nq,Ada,quantile,0.5,2030,year\n",
    "fri": "person,Camp,ID,PU,Pc,PUc\nAda,Concerned,Power cut,0.1,0.5,0.15\n",
    "timing-table": "forecaster,made_at,p_by_2030,year_at_50pct\nAda,2023-01,0.5,2030\n",
    "notation": 'forecaster,question_id,dialect,expression\nAda,q,guesstimate,"[5, 10]"\n',
    "parameters": "forecasters:\n  ada:\n    distributions:\n      gap_ci: [1, 2]  # months\n",
    "espai": "ResponseId,treat_assign,hb_a_1,hb_a_2,hb_a_3\nr,Fixed probabilities,5,10,20\n",
}
EVERY = pytest.mark.parametrize("name", SOUND)


@EVERY
def test_a_sound_file_is_read(outside, name):
    assert outside(name, SOUND[name])
    assert outside(name, "\ufeff" + SOUND[name]) == outside(name, SOUND[name])
    if name != "parameters":
        assert outside(name, SOUND[name].replace("\n", "\r\n")) == outside(name, SOUND[name])


FOREIGN = {
    "nothing": b"",
    "blank": b" \n\n ",
    "zip": b"PK\x03\x04" + bytes(range(256)),
    "nul": b"a,b\n\x00,1\n",
    "cp1252": "forecasters,\n\u201cAda\u201d,é".encode("cp1252"),
    "utf-16": "forecaster,question_id\n".encode("utf-16"),
    "mixed": "forecaster,é\n".encode() + "é\n".encode("cp1252"),
    "json": b'{"id": 1, "question": "?"}',
    "html": b"<!doctype html><html><body>404</body></html>",
    "quote": b'"' + b"a" * 200_000,
    "one line": b"a," * (MAX_LINE // 2 + 1),
    "laughs": b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
}


@EVERY
@pytest.mark.parametrize("content", FOREIGN.values(), ids=list(FOREIGN))
def test_a_foreign_file_gets_one_error(refused, name, content):
    assert "; " in refused(name, content)


@EVERY
def test_a_huge_file_gets_one_error(refused, name):
    assert "is larger than 50 MB" in refused(name, b"a" * (MAX_BYTES + 1))


@pytest.mark.parametrize("name", [name for name in SOUND if name != "parameters"])
def test_bulk_of_nothing_is_bounded(refused, name):
    refused(name, SOUND[name].encode() + b"\n" * 5_000_000 + b"x")
    head = SOUND[name].splitlines()[0]
    refused(name, head + "\n" + ",\n" * 500_000)
    wide = ",".join(f"c{i}" for i in range(3000))
    assert "3" in refused(name, wide + "\n" + wide + "\n")


@EVERY
def test_a_missing_file_or_folder_gets_one_error(tmp_path, name):
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(SweetSpotError, match="cannot be read"):
            importer(name)(path, FORMATS[name].settings)


@EVERY
def test_a_file_cut_anywhere_says_no_more_than_the_whole_or_is_refused(outside, name):
    whole = outside(name, SOUND[name])
    for end in range(len(SOUND[name]) - 1):
        try:
            found = outside(name, SOUND[name][:end])
        except SweetSpotError:
            continue
        assert len(found) <= len(whole)


def check(read, name, content):
    """Whatever comes, it is read as finite numbers or refused by an error of ours."""
    try:
        found = read(name, content)
    except SweetSpotError as error:
        lines = str(error).count("\n")
        found = ()
    else:
        lines = 0
    assert not lines
    for said in found:
        numbers = [value for value in said.values if isinstance(value, float)]
        assert all(abs(number) <= LARGEST for number in (*numbers, *said.levels))


FUZZ = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
CELLS = [
    "0", "1", "-1", "0.5", "1e308", "-1e308", "1e400",
    "nan", "inf", "NA", "N/A", "-0", "2030", ">2100",
    "never", "true", "1_0", "0x1", ",,,", "[1,2]", "quantile",
    "cdf", "chips", "category", "(0,1]", "lower", "2025-02-30", "guesstimate",
    "\u0661", "5%\u00a0", "5 to 10",
]  # fmt: skip
CELL = st.one_of(
    st.sampled_from(CELLS),
    st.text(max_size=8),
    st.floats().map(repr),
)


@EVERY
@FUZZ
@given(data=st.data())
def test_fuzzed_cells(outside, name, data):
    rows = list(csv.reader(io.StringIO(SOUND[name])))
    for _ in range(data.draw(st.integers(1, 4))):
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELL)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    check(outside, name, text.getvalue().encode("utf-8", "surrogatepass"))


@EVERY
@FUZZ
@given(data=st.data())
def test_fuzzed_bytes(outside, name, data):
    raw = bytearray(SOUND[name].encode())
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    check(outside, name, bytes(raw))


@EVERY
@FUZZ
@given(content=st.binary(max_size=200))
def test_random_bytes(outside, name, content):
    check(outside, name, content)


def test_an_unknown_format_is_named():
    with pytest.raises(SweetSpotError, match=r"no format 'tidi' \(did you mean tidy"):
        import_file("tidi", "x")
