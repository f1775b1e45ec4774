"""Importers of platforms and protocols against files that are cut, foreign, huge or random."""

import copy
import csv
import io
import json
import math
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.importers.common import LARGEST, MAX_BYTES

QUESTIONS = (
    "Question ID,Question Title,Question Type,Lower Bound,Open Lower Bound,Upper Bound,"
    "Open Upper Bound,MC Options (All),Resolution,Resolution Known Time\n"
    "1,Will it?,binary,,,,,,,\n"
    "2,When?,date,2026-01-01,False,2046-01-01,True,,,\n"
    "3,Which?,multiple_choice,,,,,\"['A', 'B']\",A,2026-05-01\n"
    "4,How many?,numeric,0,True,10,True,,,\n"
)
FORECASTS = (
    "Question ID,Forecaster ID,Forecaster Username,Is Bot,Start Time,End Time,Forecaster Count,"
    "Probability Yes,Probability Yes Per Category,Probability Below Lower Bound,"
    "Probability Above Upper Bound,5th Percentile,Median,95th Percentile\n"
    "1,7,ada,False,2026-02-01 12:00:00+00:00,2026-02-03,,0.3,,,,,,\n"
    "2,,recency_weighted,,2026-02-01,,9,,,0,0.1,2030-01-01,2035-01-01,2046-01-01\n"
    '3,8,bo,True,2026-02-01,,,,"[0.4, 0.6]",,,,,\n'
    "4,8,bo,True,2026-02-01,,,,,0.1,0.1,0,5,10\n"
)
SCALING = {"range_min": 1, "range_max": 10, "zero_point": 0, "open_upper_bound": True}
ENTRY = {"start_time": 1.7e9, "end_time": None, "forecaster_count": 3, "centers": [0.5]}
CDF = {**ENTRY, "forecast_values": [0, 0.2, 0.9], "interval_upper_bounds": [0.8]}
POST = {
    "id": 1,
    "title": "?",
    "question": {
        "id": 2,
        "type": "numeric",
        "unit": "cats",
        "options": ["A"],
        "scaling": {**SCALING, "inbound_outcome_count": 2},
        "aggregations": {"unweighted": {"history": [ENTRY], "latest": CDF}},
        "my_forecasts": {"latest": ENTRY},
    },
}
MARKET = {
    "id": "m",
    "question": "?",
    "outcomeType": "PSEUDO_NUMERIC",
    "probability": 0.3,
    "min": 1,
    "max": 100,
    "isLogScale": True,
    "lastBetTime": 1.7e12,
    "resolutionTime": 1.8e12,
    "answers": [{"id": "a", "text": "A", "probability": 0.2}],
}
BET = {"contractId": "m", "createdTime": 1.7e12, "probBefore": 0.2, "probAfter": 0.3}
TABLES = {
    "shelf": '"","A","B"\n"L",0,1\n"0.25",2,3\n"0.5",4,5\n"U",8,9\n',
    "idea": "name,v_min,v_max,v_best,v_conf\nAda,0.4,0.8,0.5,50\nBo,0.1,0.2,0.1,90\n",
    "hubverse": (
        "origin_date,target,output_type,output_type_id,value\n"
        "2026-01-05,cases,quantile,0.1,1\n2026-01-05,cases,quantile,0.9,3\n"
        "2026-01-05,cases,pmf,low,0.4\n2026-01-05,cases,cdf,3,0.4\n"
    ),
}
VARIANTS = {
    "shelf": ['"","(0-10]","(10-20]"\n"A",1,2\n', '"","bins","probs"\n"1","(0, 1]",2\n'],
    "idea": [
        "name,option,category,confidence,estimate\nAda,o,x,80,0.25\nAda,o,y,80,0.75\n",
        "round,paper_id,user_name,question,element,value,group\n"
        "round_1,1,ada,rep,three_point_best,40,G\nround_2,1,ada,rep,likert_binary,4,G\n",
    ],
}


def zipped(questions=QUESTIONS, forecasts=FORECASTS):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("question_data.csv", questions), ("forecast_data.csv", forecasts)):
            archive.writestr(name, text.encode("utf-8", "surrogatepass"))
    return buffer.getvalue()


SOUND = {
    "metaculus": zipped(),
    "metaculus-api": json.dumps([POST]).encode(),
    "manifold": json.dumps([MARKET]).encode(),
    "excalibur": (
        b"* CLASS ASCII OUTPUT FILE. NQ=   3   QU=   5  50  95\n"
        b"    1        A    1     log of red UNI 1.0E+0000 2 3 What?\n"
    ),
    **{name: text.encode() for name, text in TABLES.items()},
}
EVERY = pytest.mark.parametrize("name", SOUND)
TEXTS = pytest.mark.parametrize("name", [name for name in SOUND if name != "metaculus"])

FOREIGN = {
    "nothing": b"",
    "blank": b" \n\n ",
    "zip": b"PK\x03\x04" + bytes(range(256)),
    "nul": b"a,b\n\x00,1\n",
    "cp1252": "name,\n\u201cAda\u201d,é".encode("cp1252"),
    "utf-16": "name,v_best\n".encode("utf-16"),
    "mixed": "name,é\n".encode() + "é\x81\n".encode("latin-1"),
    "json": b'{"id": 1, "name": "?"}',
    "numbers": b"[1, 2]",
    "html": b"<!doctype html><html><body>404</body></html>",
    "quote": b'"' + b"a" * 200_000,
    "laughs": b"a: &a [x, x]\nb: &b [*a, *a]\n",
}


@EVERY
def test_a_sound_file_is_read(outside, name):
    assert outside(name, SOUND[name])
    if name != "metaculus":
        assert outside(name, b"\xef\xbb\xbf" + SOUND[name]) == outside(name, SOUND[name])


@EVERY
@pytest.mark.parametrize("content", FOREIGN.values(), ids=list(FOREIGN))
def test_a_foreign_file_gets_one_error(refused, name, content):
    assert "; " in refused(name, content)


@EVERY
def test_a_huge_file_gets_one_error(refused, name):
    assert "is larger than 50 MB" in refused(name, b"a" * (MAX_BYTES + 1))


@EVERY
def test_a_file_cut_anywhere_says_no_more_than_the_whole_or_is_refused(outside, name):
    whole = outside(name, SOUND[name])
    for end in range(0, len(SOUND[name]) - 1, 3):
        try:
            found = outside(name, SOUND[name][:end])
        except SweetSpotError:
            continue
        assert len(found) <= len(whole)


def check(read, name, content):
    """Whatever comes, it is read as finite numbers or refused by an error of ours, at once."""
    started, reason, found = time.perf_counter(), "", ()
    try:
        found = read(name, content)
    except SweetSpotError as error:
        reason = str(error)
    assert time.perf_counter() - started < 5
    assert "\n" not in reason
    assert len(reason) < 1500
    for said in found:
        numbers = [value for value in said.values if not isinstance(value, str)]
        assert all(math.isfinite(n) and abs(n) <= LARGEST for n in (*numbers, *said.levels))
        assert said.question
        assert said.forecaster


FUZZ = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = (
    "0 1 -1 0.5 1e308 -1e308 1e400 nan inf NA N/A >2100 1_0 \u0661 0x1 ,,, [1,2] [0.1] () (0,1]"
    " X.0.1. date binary numeric discrete multiple_choice 0001-01-01 9999-12-31 2025-02-30 True cdf"
    " 2026-02-01T00:00:00-23:00 9999-12-31T23:00:00-05:00 sample mean L U M T1 a\nb \ud800 \x85"
)
CELLS = st.one_of(st.sampled_from(WORDS.split(" ")), st.text(max_size=8), st.floats().map(repr))


def mangled(data, text):
    """A table with some cells replaced."""
    rows = list(csv.reader(io.StringIO(text)))
    for _ in range(data.draw(st.integers(1, 4))):
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("name", TABLES)
@FUZZ
@given(data=st.data())
def test_fuzzed_cells(outside, name, data):
    text = data.draw(st.sampled_from([TABLES[name], *VARIANTS.get(name, ())]))
    check(outside, name, mangled(data, text).encode("utf-8", "surrogatepass"))


@FUZZ
@given(data=st.data())
def test_fuzzed_downloads(outside, data):
    questions, forecasts = QUESTIONS, FORECASTS
    if data.draw(st.booleans()):
        questions = mangled(data, questions)
    else:
        forecasts = mangled(data, forecasts)
    check(outside, "metaculus", zipped(questions, forecasts))


VALUES = st.one_of(
    st.sampled_from(
        [
            *(
                None,
                True,
                0,
                -1,
                1,
                0.5,
                1e308,
                -1e300,
                10**400,
                [],
                {},
                [[]],
                "",
                "a\nb",
                "\ud800",
            ),
            *("binary", "date", "discrete", "multiple_choice", "9999-12-31T23:59:59-12:00"),
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)


def places(content):
    """Every map or list inside a JSON value, with each of its keys."""
    keys = content if isinstance(content, dict) else range(len(content))
    for key in keys:
        yield content, key
        if isinstance(content[key], dict | list):
            yield from places(content[key])


@pytest.mark.parametrize(
    ("name", "content"),
    [("metaculus-api", [POST]), ("manifold", [MARKET]), ("manifold", [BET, BET])],
    ids=["posts", "markets", "bets"],
)
@FUZZ
@given(data=st.data())
def test_fuzzed_json(outside, name, content, data):
    content = copy.deepcopy(content)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(content))))
        holder[key] = copy.deepcopy(data.draw(VALUES))  # a list must not hold itself
        if not list(places(content)):
            break
    changes = {"history": "all"} if name == "metaculus-api" else {}
    check(lambda *args: outside(*args, **changes), name, json.dumps(content))


@EVERY
@FUZZ
@given(data=st.data())
def test_fuzzed_bytes(outside, name, data):
    raw = bytearray(SOUND[name])
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    check(outside, name, bytes(raw))


@EVERY
@FUZZ
@given(content=st.binary(max_size=200))
def test_random_bytes(outside, name, content):
    check(outside, name, content)


@pytest.mark.parametrize("name", TABLES)
def test_bulk_of_nothing_is_bounded(refused, name):
    refused(name, SOUND[name] + b"\n" * 3_000_000 + b"x")
    wide = ",".join(f"c{i}" for i in range(3000))
    assert "3000 columns" in refused(name, f"{wide}\n{wide}\n")
