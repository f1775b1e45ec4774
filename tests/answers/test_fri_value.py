"""FRI's own measure against the published medians, and against its definition by hand."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sweet_spot.answers.fri_value import fri_value
from sweet_spot.errors import InvalidRecord

HEAD = "person,Camp,ID,PU,Pc,PUc\n"
RENAMED = {"Muehlhauser policies": "Luke policies"}
"""One crux has two names: in the medians, in the forecasts."""


def test_reproduces_what_was_published(shared: Path) -> None:
    """74 medians and 74 shares of the entropy, to a relative 1e-9."""
    found = fri_value(shared / "formats" / "fri" / "FORECASTS.csv")
    compared = 0
    with (shared / "formats" / "fri" / "VOI_medians.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for camp in ("Concerned", "Skeptical"):
                ours = found.data.sel(crux=RENAMED.get(row["ID"], row["ID"]), camp=camp)
                for name, column in (("value", "medianVOI"), ("share", "medianPercentMaxVOI")):
                    wanted = float(row[f"{column}_{camp}"])
                    assert float(ours[name]) == pytest.approx(wanted, rel=1e-9, abs=0)
                    compared += 1
    assert compared == 148


def written(folder: Path, *rows: str) -> Path:
    path = folder / "f.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def by_hand(before: float, chance: float, given: float) -> tuple[float, float]:
    """Mutual information of crux and catastrophe from their joint table, and over the entropy."""
    other = (before - chance * given) / (1 - chance)
    joint = np.array([[chance * given, chance * (1 - given)],
                      [(1 - chance) * other, (1 - chance) * (1 - other)]])  # fmt: skip
    apart = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    told = stats.entropy(joint.ravel(), apart.ravel(), base=10)
    return told, told / stats.entropy([before, 1 - before], base=10)


def test_one_person(tmp_path: Path) -> None:
    found = fri_value(written(tmp_path, "Ada,x,c,0.1,0.3,0.2"))
    value, share = by_hand(0.1, 0.3, 0.2)
    assert float(found.data["value"].squeeze()) == pytest.approx(value, rel=1e-12)
    assert float(found.data["share"].squeeze()) == pytest.approx(share, rel=1e-12)


def test_lower_median_and_no_news(tmp_path: Path) -> None:
    """Of an even number the lower of the middle two; 0 where the crux changes nothing."""
    rows = ["A,x,c,0.1,0.3,0.1", "B,x,c,0.1,0.3,0.2", "C,x,c,0.1,0.3,0.25", "D,x,c,0,0.3,0"]
    found = fri_value(written(tmp_path, *rows)).data.squeeze()
    assert float(found["value"]) == 0
    assert int(found["people"]) == 4
    found = fri_value(written(tmp_path, *rows[:3])).data.squeeze()
    assert float(found["value"]) == pytest.approx(by_hand(0.1, 0.3, 0.2)[0], rel=1e-12)


@pytest.mark.parametrize(
    "row",
    ["B,x,c,0.1,0.3,", "B,x,c,,0.3,0.1", "B,x,c,0.1,0.3,0", "B,x,c,0.1,0.5,0.2",
     "B,x,c,0.1,0.5,0.3", "B,x,c,0.1,1,0.3", "B,x,c,0.9,0.5,0.1", "B,x,c,1,0,0.5"],
    ids=["no P(U|c)", "no P(U)", "P(U|c) = 0", "P(U|not c) = 0", "P(U|not c) < 0", "P(c) = 1",
         "P(U|not c) > 1", "P(U) = 1"],
)  # fmt: skip
def test_left_out(tmp_path: Path, row: str) -> None:
    found = fri_value(written(tmp_path, "A,x,c,0.1,0.3,0.2", row))
    assert found.left_out == 1
    assert int(found.data["people"].squeeze()) == 1
    assert "1 of 2 rows left out" in found.text


def test_a_camp_without_answers(tmp_path: Path) -> None:
    found = fri_value(written(tmp_path, "A,x,c,0.1,0.3,0.2", "B,y,d,0.1,,0.2"))
    assert np.isnan(found.data["value"].sel(crux="c", camp="y"))
    rows = found.to_json()["rows"]
    assert [row["value"] for row in rows if row["camp"] == "y"] == [None, None]


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidRecord, match="no column 'person'"):
        fri_value(tmp_path / "f.csv")
