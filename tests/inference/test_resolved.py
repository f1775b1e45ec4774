"""Reading resolved panels: which statement stands, and what is refused, with file, line, field."""

import pickle

import numpy as np
import pytest

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.inference.resolved import read_resolved

OUTCOMES = "q1,3.0,g1,d,uni\nq2,1,,d,prob"


def test_arrays_say_what_the_files_say(write_panel):
    folder = write_panel(
        "p",
        """q2,B,binary_prob,,0.2,,
           q1,B,quantile,0.95,9,,
           q1,B,quantile,0.05,1,,
           q1,A,quantile,0.5,2,,
           q1,A,quantile,0.05,4,,
           q1,A,quantile,0.95,5,,""",
        OUTCOMES,
        "A,left\nC,right",
    )
    (of,) = read_resolved(folder)
    assert (of.name, of.question.tolist(), of.kind.tolist()) == (
        "p", ["q1", "q2"], ["quantile", "binary"],
    )  # fmt: skip
    assert of.group.tolist() == ["g1", "question q2"]
    assert of.scale.tolist() == ["uni", "prob"]
    assert of.outcome.tolist() == [3.0, 1.0]
    assert dict(zip(of.expert, of.circle, strict=True)) == {"A": "left", "B": ""}
    said = of.stated[0]
    assert said.levels.tolist() == [0.05, 0.5, 0.95]
    assert said.values[0].tolist() == [2, 4, 5]  # A's crossing values, in order
    np.testing.assert_array_equal(said.values[1], [1, np.nan, 9])
    assert of.value[:3].tolist() == [4, 2, 5]  # as stated
    assert of.stated[1].values.tolist() == [0.2]
    assert of.left_out == {}


def test_the_last_round_stands_as_a_whole(write_panel):
    folder = write_panel(
        "p",
        """q1,A,quantile,0.05,1,2024-02-01,
           q1,A,quantile,0.95,2,2024-02-01,
           q1,A,quantile,0.05,11,2024-01-01,
           q1,A,quantile,0.5,12,2024-01-01,
           q1,B,quantile,0.5,6,,9
           q1,B,quantile,0.5,7,,10
           q2,A,binary_prob,,0.3,,
           q2,A,binary_prob,,0.4,,""",
        OUTCOMES,
    )
    (of,) = read_resolved(folder)
    values = of.stated[0].values
    np.testing.assert_array_equal(values, [[1, np.nan, 2], [np.nan, 7, np.nan]])
    assert of.stated[1].values.tolist() == [0.4]  # the later row of two that are alike
    assert of.left_out == {"a person's earlier rounds": 4}


def test_log_scale_is_in_log10_and_zero_is_half_of_the_least(write_panel):
    folder = write_panel(
        "p",
        "q1,A,quantile,0.05,0,,\nq1,A,quantile,0.5,10,,\nq1,B,quantile,0.5,1000,,",
        "q1,100,g,d,log",
    )
    (of,) = read_resolved(folder)
    assert of.outcome.tolist() == [2.0]
    np.testing.assert_allclose(of.value, [np.log10(5), 1.0, 3.0], rtol=1e-15)


def test_what_is_not_scored_is_counted(write_panel):
    folder = write_panel(
        "p",
        "q1,A,quantile,0.5,1,,\nq2,A,probability,b,0.5,,\nq3,A,binary_prob,,0.5,,",
        "q1,,g,d,uni\nq2,b,g,d,prob\nq3,0,g,d,prob\nunasked,1,g,d,prob",
    )
    (of,) = read_resolved(folder)
    assert of.question.tolist() == ["q1", "q3"]
    assert of.left_out == {
        "questions of several options or horizons": 1,
        "questions whose outcome is not known": 1,
    }
    assert of.scored("quantile").size == 0
    assert of.scored("binary").tolist() == [1]


def test_a_dataset_of_options_alone_has_no_question(write_panel):
    (of,) = read_resolved(write_panel("p", "q1,A,probability,b,0.5,,", "q1,b,g,d,prob"))
    assert of.question.size == of.value.size == of.expert.size == len(of.stated) == 0


def test_folder_of_folders_and_pickle(write_panel):
    for name in ("b", "a"):
        folder = write_panel(name, "q2,A,binary_prob,,0.2,,", OUTCOMES)
    (folder.parent / "notes").mkdir()
    found = read_resolved(folder.parent)
    assert [of.name for of in found] == ["a", "b"]
    again = pickle.loads(pickle.dumps(found[0]))
    assert again.stated[0].values.tolist() == [0.2]


GOOD = "q1,A,quantile,0.5,1,,"


@pytest.mark.parametrize(
    ("forecasts", "outcomes", "message"),
    [
        ("q9,A,quantile,0.5,1,,", OUTCOMES, r"forecasts.csv line 2: question_id 'q9' is not in"),
        ("q1,,quantile,0.5,1,,", OUTCOMES, r"line 2: expert_id '' is empty"),
        ("q1,A,median,0.5,1,,", OUTCOMES, r"line 2: kind 'median' is none of quantile"),
        (f"{GOOD}\nq1,A,quantile,5,1,,", OUTCOMES, r"line 3: level '5.0' is no probability level"),
        (f"{GOOD}\nq1,A,quantile,,1,,", OUTCOMES, r"line 3: level '' is no finite number"),
        ("q1,A,quantile,0.5,1 000,,", OUTCOMES, r"line 2: value '1 000' is no finite number"),
        ("q1,A,quantile,0.5,inf,,", OUTCOMES, r"line 2: value 'inf' is no finite number"),
        ("q2,A,binary_prob,,20,,", OUTCOMES, r"value '20.0' is no probability; .* not per cent"),
        ("q1,A,binary_prob,,1,,\n" + GOOD, OUTCOMES, r"line 3: kind 'quantile' is beside"),
        ("q1,A,quantile,0.5,1,", OUTCOMES, r"line 2: 6 fields where the first line names 7"),
        (GOOD, "q1,3,g,d,uni\nq1,4,g,d,uni", r"outcomes.csv line 3: question_id 'q1' stands twice"),
        (GOOD, "q1,many,g,d,uni", r"outcomes.csv line 2: outcome 'many' is no finite number"),
        (GOOD, "q1,0,g,d,log", r"outcome '0' is not above 0, but its scale is log"),
        (GOOD, "q1,1,g,d,linear", r"scale 'linear' is none of"),
        ("q2,A,binary_prob,,0.2,,", "q2,0.5,g,d,prob", r"outcome '0.5' is no answer to a yes/no"),
        ("", OUTCOMES, r"forecasts.csv"),
    ],
)
def test_refused_with_file_line_field_and_remedy(write_panel, forecasts, outcomes, message):
    folder = write_panel("p", forecasts, outcomes)
    if not forecasts:
        (folder / "forecasts.csv").write_text("question_id,expert_id,kind,level\n")
        message = r"forecasts.csv line 1: no column 'value'"
    with pytest.raises(InvalidRecord, match=message):
        read_resolved(folder)


def test_missing_folders_and_files(tmp_path, write_panel):
    with pytest.raises(MissingData, match="is not a folder"):
        read_resolved(tmp_path / "none")
    with pytest.raises(MissingData, match=r"holds no forecasts\.csv"):
        read_resolved(tmp_path)
    with pytest.raises(MissingData, match=r"outcomes\.csv is not there"):
        read_resolved(write_panel("p", GOOD, ""))


def test_shared_datasets(shared):
    """Counts that the datasets' README gives; reading all takes about a second."""
    found = {of.name: of for of in read_resolved(shared / "benchmarks")}
    sizes = {
        name: (of.scored("quantile").size, of.scored("binary").size) for name, of in found.items()
    }
    assert sizes["cooke_sej"] == (251, 0)
    assert sizes["fpt2024"] == (84, 25)
    assert sizes["gjp_week1"] == (0, 14)
    assert sizes["espai2023"] == (0, 0)
    assert found["cooke_sej"].value.size == 10_496
    assert found["gjp_week1"].left_out == {"questions of several options or horizons": 3429}
