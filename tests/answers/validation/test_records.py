"""Records keep what was measured, refuse what they are not, and know when they are old."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.calibration import judged
from sweet_spot.answers.validation_records import FILES, NEEDS, read_records, stale, take
from sweet_spot.errors import InvalidRecord, MissingData

Write = Callable[..., Path]


def test_a_calibration_is_kept_whole(write_records: Write) -> None:
    """Verdict, text and attributes are those of the ranks that were put in."""
    folder = write_records()
    held = read_records(folder).calibration
    with xr.open_dataset(folder / "calibration.nc") as raw:
        assert raw["rank"].dtype == np.int16
        assert "place" not in raw
        again = judged(raw.load())
    assert held.text == again.text
    assert held.table.equals(again.table)
    assert not held.failed
    assert read_records(folder).control.failed


def test_scores_are_kept_whole(write_records: Write) -> None:
    folder = write_records()
    content = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    found = read_records(folder).backtest.to_json()
    assert found | {"text": ""} == content | {"text": ""}


@pytest.mark.parametrize("kind", NEEDS)
def test_each_source_that_a_record_needs_makes_it_old(kind: str, write_records: Write) -> None:
    """With one of its digests replaced, a record is stale, and no other is."""
    folder = write_records()
    assert stale(read_records(folder)) == ()
    if kind == "compile":
        made = read_records(folder).made["scale"]
        (folder / "compile.json").write_text(json.dumps({"made": made, "rows": [{"seconds": 2}]}))
    for source in NEEDS[kind]:
        path, key = folder / FILES[kind], f"sha_{source}"
        before = path.read_bytes()
        if path.suffix == ".nc":
            with xr.open_dataset(path) as old:
                changed = old.load().assign_attrs({key: "0" * 64})
            path.unlink()
            changed.to_netcdf(path)
        else:
            content = json.loads(before)
            content["made"][key] = "0" * 64
            path.write_text(json.dumps(content), encoding="utf-8")
        (found,) = stale(read_records(folder))
        assert (found.record, found.source, found.then) == (kind, source, "0" * 64)
        assert f"the record of the {kind} was made with another {source}" in found.text
        path.write_bytes(before)


def test_what_is_not_a_record_is_refused(write_records: Write, tmp_path: Path) -> None:
    folder, other = write_records(), tmp_path / "other.json"
    with pytest.raises(MissingData, match="no record of the calibration"):
        read_records(tmp_path)
    with pytest.raises(MissingData, match="no such file"):
        take("scale", tmp_path / "nowhere.json", folder)
    with pytest.raises(InvalidRecord, match="cannot be the record of the control"):
        take("control", folder / "calibration.nc", folder)
    with pytest.raises(InvalidRecord, match="cannot be the record of the calibration"):
        take("calibration", folder / "control.nc", folder)
    other.write_text('{"rows": []}', encoding="utf-8")
    for kind, file in (("calibration", other), ("backtest", other), ("scale", other)):
        with pytest.raises(InvalidRecord):
            take(kind, file, folder)
    other.write_text("no json", encoding="utf-8")
    with pytest.raises(InvalidRecord, match="not JSON"):
        take("backtest", other, folder)


def test_ranks_without_their_sources_are_refused(write_records: Write, tmp_path: Path) -> None:
    """As `calibrate` wrote them before records were kept."""
    folder = write_records()
    with xr.open_dataset(folder / "calibration.nc") as held:
        old = held.load()
    old.attrs = {name: v for name, v in old.attrs.items() if not name.startswith("sha_")}
    old.to_netcdf(tmp_path / "old.nc")
    with pytest.raises(InvalidRecord, match="does not say its sha_argument"):
        take("calibration", tmp_path / "old.nc", folder)


def test_taking_replaces_a_record(write_records: Write) -> None:
    folder, other = write_records(), write_records("other")
    content = json.loads((other / "scale.json").read_text(encoding="utf-8"))
    del content["panels"]["10000"]
    (other / "scale.json").write_text(json.dumps(content), encoding="utf-8")
    assert take("scale", other / "scale.json", folder) == folder / "scale.json"
    assert list(read_records(folder).benchmarks["scale"]["panels"]) == ["1000"]
