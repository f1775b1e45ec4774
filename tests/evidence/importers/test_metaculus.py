"""Metaculus downloads: every question type, censored mass, lifecycle; zips that mean harm."""

import csv
import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.importers import metaculus
from sweet_spot.evidence.importers.archive import MAX_MEMBERS
from sweet_spot.evidence.importers.moments import SAME_DAY

ASKED = {"Question ID": "1", "Question Title": "Will it?", "Question Type": "binary"}
SAID = {
    "Question ID": "1",
    "Forecaster ID": "7",
    "Forecaster Username": "ada",
    "Is Bot": "False",
    "Start Time": "2026-02-01 12:00:00+00:00",
}
RANGE = {"Lower Bound": "0", "Upper Bound": "10", "Open Upper Bound": "True"}
QUESTION_COLUMNS = (
    *ASKED, *RANGE, "Open Lower Bound", "MC Options (All)", "MC Options (Current)",
    "Resolution", "Resolution Known Time",
)  # fmt: skip
FORECAST_COLUMNS = (
    *SAID, "End Time", "Forecaster Count", "Probability Yes", metaculus.CATEGORIES,
    "Continuous CDF", metaculus.BELOW, metaculus.ABOVE, *metaculus.PERCENTILES.values(),
)  # fmt: skip


def table(columns, rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def tables(said, **asked):
    """Both tables of a download of one question, with changes to a plain yes/no forecast."""
    questions = table(QUESTION_COLUMNS, [{**ASKED, **asked}])
    forecasts = table(FORECAST_COLUMNS, [{**SAID, **changes} for changes in said])
    return {metaculus.QUESTIONS: questions, metaculus.FORECASTS: forecasts}


def zipped(path, members, **settings):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **settings) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def download(tmp_path):
    def read(*said, **asked):
        content = tables(said, **{name.replace("_", " "): v for name, v in asked.items()})
        return metaculus.read(zipped(tmp_path / "download.zip", content), {})

    return read


def test_the_samples_meet_their_counts(shared):
    folder = shared / "formats" / "metaculus"
    expected = json.loads((shared / "formats" / "expected_counts.json").read_text())
    wanted = expected["metaculus/synthetic"]
    found = metaculus.read(folder / "synthetic_forecast_data.csv", {})
    assert found == metaculus.read(folder / "synthetic_question_data.csv", {})
    whole = [said for said in found if "[" not in said.question]
    assert len({said.question for said in whole}) == wanted["questions"]
    people = [said for said in whole if not said.is_aggregate]
    pooled = [said for said in whole if said.is_aggregate]
    assert len(people) == wanted["personal_rows"]
    assert len(pooled) == wanted["aggregate_rows"]
    live = {(said.question, said.forecaster): said for said in people if not said.expires}
    assert len(live) == wanted["personal_rows_live"]
    without_bots = {q: {who: s.values[0]} for (q, who), s in live.items() if not s.is_bot}
    assert without_bots == wanted["live_people_bots_excluded"]
    yes = {s.forecaster.split()[1]: s.values[0] for s in pooled if s.question == "900001"}
    assert yes == wanted["aggregate_probability_yes_900001"]


def test_the_sample_reads_alike_from_a_zip_and_a_folder(shared, tmp_path):
    folder = shared / "formats" / "metaculus"
    names = (metaculus.QUESTIONS, metaculus.FORECASTS)
    content = {name: (folder / f"synthetic_{name}").read_text("utf-8") for name in names}
    for name, text in content.items():
        (tmp_path / name).write_text(text, "utf-8")
    inside = {f"metaculus_data/{name}": text for name, text in content.items()}
    zipped(tmp_path / "a.zip", {**inside, "README.md": "about"})
    wanted = metaculus.read(folder / "synthetic_forecast_data.csv", {})
    assert metaculus.read(tmp_path / "a.zip", {}) == wanted
    assert metaculus.read(tmp_path, {}) == wanted


def test_pooled_rows_and_bots_are_marked(download):
    person, bot, pooled = download(
        {"Probability Yes": "0.3"},
        {"Forecaster Username": "b", "Is Bot": "True", "Probability Yes": "0.4"},
        {
            "Forecaster ID": "",
            "Forecaster Username": "geometric_mean",
            "Is Bot": "",
            "Forecaster Count": "9",
            metaculus.CATEGORIES: "[0.74, 0.26]",
        },
    )
    assert (person.is_aggregate, person.is_bot, person.forecaster) == (False, False, "ada")
    assert (bot.is_aggregate, bot.is_bot) == (False, True)
    assert (pooled.is_aggregate, pooled.values, pooled.people) == (True, (0.26,), 9)
    assert pooled.forecaster == "Metaculus geometric_mean"


def test_what_ends_a_forecast(download):
    first, second, third = download(
        {"Probability Yes": "0.3", "End Time": "2026-02-03 00:00:00+00:00"},
        {
            "Probability Yes": "0.4",
            "Start Time": "2026-02-03 00:00:00+00:00",
            "End Time": "2026-02-05 00:00:00+00:00",
        },
        {"Probability Yes": "0.5", "Start Time": "2026-02-09T00:00:00Z", "End Time": "2026-03-01"},
    )
    assert [said.expires for said in (first, second, third)] == ["", "2026-02-05", "2026-03-01"]


def test_of_one_day_the_last_view_is_live(download):
    first, second = download(
        {"Probability Yes": "0.3"},
        {"Probability Yes": "0.4", "Start Time": "2026-02-01 13:00:00+00:00"},
    )
    assert (first.role, first.reason) == ("excluded", SAME_DAY)
    assert second.role is None


def test_a_resolved_question_ends_its_forecasts(download):
    (said,) = download(
        {"Probability Yes": "0.3"},
        Resolution="yes",
        **{"Resolution Known Time": "2026-06-01 00:00:00+00:00"},
    )
    assert said.expires == "2026-06-01"


def test_options_are_questions_of_their_own(download):
    options = "['Ada\\'s, first', \"it's\", 'new']"
    said = download(
        {metaculus.CATEGORIES: "[0.2, 0.8, None]"},
        Question_Type="multiple_choice",
        **{"MC Options (All)": options},
    )
    assert [item.question for item in said] == ["1[Ada's, first]", "1[it's]"]
    assert [item.values for item in said] == [(0.2,), (0.8,)]


def percentiles(*values):
    return dict(zip(metaculus.PERCENTILES.values(), values, strict=True))


@pytest.mark.parametrize("kind", ["numeric", "discrete"])
def test_mass_beyond_an_open_bound_is_kept(download, kind):
    whole, above = download(
        {**percentiles(1, 2, 3, 10, 10), metaculus.BELOW: "0", metaculus.ABOVE: "0.3"},
        **{"Question Type": kind, **RANGE},
    )
    assert whole.values == (1, 2, 3, ">10", ">10")
    assert (whole.kind, whole.levels) == ("quantile", (0.05, 0.25, 0.5, 0.75, 0.95))
    assert (above.question, above.values, above.events) == ("1[above range]", (0.3,), ("> 10",))
    assert above.role == "check"


def test_at_a_closed_bound_the_value_is_the_value(download):
    closed = {**RANGE, "Question Type": "numeric", "Open Upper Bound": "False"}
    (said,) = download(percentiles(0, 1, 2, 9, 10), **closed)
    assert said.values == (0, 1, 2, 9, 10)


def test_dates_are_decimal_years(download):
    said = download(
        {**percentiles("2026-07-02 12:00:00+00:00", *["2028-01-01"] * 4)},
        **{"Question Type": "date", "Lower Bound": "2026-01-01", "Upper Bound": "2046-01-01"},
    )
    assert said[0].values == (2026.5, 2028, 2028, 2028, 2028)
    assert said[0].unit == "year"


@pytest.mark.parametrize(
    ("said", "asked", "message"),
    [
        ({"Probability Yes": "1.3"}, {}, "no probability"),
        ({"Probability Yes": "nan"}, {}, "not a number"),
        ({"Probability Yes": "1e308"}, {}, "beyond 1e+100"),
        ({"Question ID": "2"}, {}, "question '2' is not in question_data.csv"),
        ({"Start Time": "yesterday"}, {}, "Start Time is 'yesterday', not a date"),
        ({metaculus.CATEGORIES: "[1"}, {}, "not a list"),
        ({metaculus.CATEGORIES: "[0.1, 0.2, 0.7]"}, {}, "3 values of a yes/no question"),
        ({}, {"Question Type": "poll"}, "the question type 'poll' is not known"),
        ({}, {"Question Type": "date", **RANGE}, "Lower Bound is '0', not a date"),
        ({}, {"Question Type": "numeric", **RANGE, "Upper Bound": "0"}, "the range is empty"),
        (percentiles(3, 2, 1, 5, 6), {"Question Type": "numeric", **RANGE}, "percentiles fall"),
        ({metaculus.CATEGORIES: "[1.0]"}, {"Question Type": "multiple_choice"}, "0 options"),
    ],
)
def test_a_wrong_row_is_named(download, said, asked, message):
    with pytest.raises(InvalidRecord, match=r"(question|forecast)_data\.csv:2: .*; ") as error:
        download(said, **asked)
    assert message in str(error.value)


SOUND = tables([{"Probability Yes": "0.3"}])
TRAVERSALS = ["../question_data.csv", "/etc/passwd", "a/../../b", "..\\x", "C:\\x", "\\x"]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_a_zip_that_leads_out_of_itself_is_refused(tmp_path, name):
    path = zipped(tmp_path / "a.zip", {**SOUND, name: "x"})
    with pytest.raises(InvalidRecord, match="leads out of it"):
        metaculus.read(path, {})
    assert [item.name for item in tmp_path.iterdir()] == ["a.zip"]


def test_a_bomb_is_unpacked_no_further_than_the_limit(tmp_path):
    path = zipped(tmp_path / "a.zip", {**SOUND, metaculus.FORECASTS: bytes(60_000_000)})
    assert path.stat().st_size < 100_000
    with pytest.raises(InvalidRecord, match="its content is larger than 50 MB"):
        metaculus.read(path, {})
    raw = bytearray(path.read_bytes())  # the same, with a directory that lies about the size
    at = raw.rfind(b"PK\x01\x02")
    struct.pack_into("<I", raw, at + 24, 10)
    path.write_bytes(raw)
    with pytest.raises(InvalidRecord):
        metaculus.read(path, {})


def test_other_zips_are_refused(tmp_path):
    def why(members):
        with pytest.raises(InvalidRecord) as error:
            metaculus.read(zipped(tmp_path / "a.zip", members), {})
        return str(error.value)

    assert "question_data.csv is not in it" in why({"other.csv": "x"})
    assert "forecast_data.csv is not in it" in why({metaculus.QUESTIONS: "x"})
    assert f"holds {MAX_MEMBERS + 3} files" in why(
        {**SOUND, **{f"{i}": "" for i in range(MAX_MEMBERS + 1)}}
    )
    assert "holds question_data.csv twice" in why({**SOUND, f"a/{metaculus.QUESTIONS}": "x"})
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InvalidRecord, match="no zip that can be read"):
        metaculus.read(tmp_path / "a.zip", {})
    with pytest.raises(InvalidRecord, match="does not end in question_data"):
        metaculus.read(Path("other.csv"), {})
