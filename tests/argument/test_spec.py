"""argument.yaml: every entry is needed, checked, and named when something is wrong with it."""

import copy
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from sweet_spot.argument.spec import ARGUMENT_PATH, Latent, load_argument
from sweet_spot.argument.structure import GATES, LATENT_DIMS, LOGITS
from sweet_spot.errors import InvalidArgument

CONTENT = yaml.safe_load(ARGUMENT_PATH.read_text(encoding="utf-8"))
ENTRIES = [("latents", name) for name in LATENT_DIMS] + [("gates", name) for name in GATES]
FIELDS = [(section, name, field) for section, name in ENTRIES for field in CONTENT[section][name]]
every_entry = pytest.mark.parametrize(("section", "name"), ENTRIES)
every_latent = pytest.mark.parametrize("name", LATENT_DIMS)


@pytest.fixture
def stopped(tmp_path: Path) -> Callable[[dict], str]:
    """Loads changed content and hands back the message with which that stops."""

    def load(content: dict) -> str:
        path = tmp_path / "changed.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        with pytest.raises(InvalidArgument) as stop:
            load_argument(path)
        assert str(path) in str(stop.value)
        return str(stop.value)

    return load


@pytest.fixture
def content() -> dict:
    return copy.deepcopy(CONTENT)


def test_file_and_equations_hold_the_same(argument):
    assert CONTENT["latents"].keys() == argument.latents.keys() == LATENT_DIMS.keys()
    assert tuple(CONTENT["gates"]) == tuple(argument.gates) == GATES
    assert {name: latent.dims for name, latent in argument.latents.items()} == dict(LATENT_DIMS)
    assert {n for n, latent in argument.latents.items() if latent.scale == "logit"} == LOGITS
    used = {dim for dims in LATENT_DIMS.values() for dim in dims}
    assert set(CONTENT["dims"]) == set(argument.coords) == used


def test_bundled_argument_is_read_once_and_cannot_be_rebound(argument):
    assert load_argument() is argument
    assert load_argument(ARGUMENT_PATH) == argument
    with pytest.raises(dataclasses.FrozenInstanceError):
        argument.axis = "other"


def test_digest_follows_the_bytes(tmp_path, argument):
    path = tmp_path / "same.yaml"
    path.write_bytes(ARGUMENT_PATH.read_bytes())
    assert load_argument(path).digest == argument.digest
    path.write_bytes(ARGUMENT_PATH.read_bytes() + b"# a remark\n")
    changed = load_argument(str(path))
    assert changed.digest != argument.digest
    assert changed.latents == argument.latents


@every_entry
def test_deleted_entry_stops(content, stopped, section, name):
    del content[section][name]
    assert f"the section `{section}` lacks {name}" in stopped(content)


@every_entry
def test_misspelt_entry_stops(content, stopped, section, name):
    content[section][f"{name}x"] = content[section].pop(name)
    assert f"lacks {name} and does not know {name}x" in stopped(content)


@pytest.mark.parametrize(("section", "name", "field"), FIELDS)
def test_deleted_field_stops(content, stopped, section, name, field):
    del content[section][name][field]
    assert f"{section} > {name} > {field}: Field required" in stopped(content)


@every_entry
def test_unknown_field_stops(content, stopped, section, name):
    content[section][name]["remark"] = "ours"
    assert f"{section} > {name} > remark: Extra inputs" in stopped(content)


@every_latent
def test_unknown_field_of_a_prior_stops(content, stopped, name):
    content["latents"][name]["prior"]["scale"] = 1.0
    assert f"latents > {name} > prior > scale: Extra inputs" in stopped(content)


@every_latent
def test_wrong_dims_stop(content, stopped, name):
    dims = content["latents"][name]["dims"]
    content["latents"][name]["dims"] = dims[1:] if dims else ["factor"]
    assert f"latents > {name}: " in stopped(content)


@every_latent
def test_wrong_shape_stops(content, stopped, name):
    prior = content["latents"][name]["prior"]
    if "quantiles" in prior:
        prior["quantiles"] = prior["quantiles"][:2]
        assert f"latents > {name} > prior > quantiles" in stopped(content)
    else:
        prior["mean"] = [prior["mean"]]
        assert re.search(f"latents > {name}(: the prior's mean| > prior > mean)", stopped(content))


@every_latent
def test_form_of_another_scale_stops(content, stopped, name):
    latent = content["latents"][name]
    latent["prior"] = {"mean": 0.0, "sd": 1.0}
    if latent["scale"] in ("identity", "logit"):
        latent["prior"] = {"quantiles": [1.0, 2.0, 4.0]}
    assert f"latents > {name}: " in stopped(content)


@every_latent
def test_equations_decide_what_is_a_logit(content, stopped, name):
    latent = content["latents"][name]
    latent["scale"] = {"identity": "logit", "logit": "identity"}.get(latent["scale"], "logit")
    assert f"latents > {name}: " in stopped(content)


@every_latent
def test_every_latent_needs_a_reason(content, stopped, name):
    content["latents"][name]["reason"] = "because"
    assert f"latents > {name} > reason" in stopped(content)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", 2, "schema"),
        ("reference_date", "2027-01-01", "reference_date"),
        ("competence_correlation", 1.0, "competence_correlation"),
        ("dims", {"factor": ["a"]}, "`dims` lacks work"),
        ("dims.work", ["conceptual", "conceptual", "number_go_up"], "each only once"),
        ("dims.work", ["safety_progress", "conceptual", "number_go_up"], "each only once"),
        ("dims.factor", ["a", "b"], "latents > uneven_arrival: the prior's mean needs the shape"),
        ("latents.hardness.good", 2, "latents > hardness > good"),
        ("latents.hardness.profile", "luck", "latents > hardness > profile"),
        ("latents.hardness.prior.own_sd", -0.3, "latents > hardness > prior > own_sd"),
        ("latents.danger_gap.prior.sd", "wide", "latents > danger_gap > prior > sd"),
        ("latents.danger_gap.prior.sd", float("inf"), "latents > danger_gap > prior > sd"),
        ("latents.hardness.prior.above", 0.0, "latents > hardness: "),
        ("latents.danger_gap.prior", {"mean": 0.6, "common_sd": 1, "own_sd": 1}, "danger_gap: "),
        ("latents.years_bought.prior.quantiles", [0.25, 0.03, 1.8], "positive and rise"),
        ("latents.years_bought.prior.quantiles", [0.1, 0.25, 1.8], "geometric mean"),
        ("latents.work_share.prior.mean", [[0.3, 0.4, 0.4]] * 3, "sum to 1"),
        ("latents.years_per_dex_after.prior.correlation.with", "years", "no correlation"),
        ("latents.years_per_dex_after.prior.correlation.with", "hardness", "no correlation"),
        (
            "latents.years_per_dex_after.prior.correlation.with",
            "diminishing_returns",
            "latents > years_per_dex_after: no correlation",
        ),
        (
            "latents.years_per_dex_after.prior.correlation.with",
            "years_per_dex_after",
            "no correlation",
        ),
        ("latents.years_per_dex_after.prior.correlation.value", 1.0, "correlation > value"),
    ],
)
def test_malformed_values_stop(content, stopped, path, value, message):
    *parents, last = path.split(".")
    entry = content
    for parent in parents:
        entry = entry[parent]
    entry[last] = value
    assert message in stopped(content)


@pytest.mark.parametrize("text", ["", "latents: [", "- a\n- b", "schema: 1"])
def test_what_is_no_argument_stops(tmp_path, text):
    path = tmp_path / "none.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgument, match=re.escape(str(path))):
        load_argument(path)


def test_missing_file_stops(tmp_path):
    with pytest.raises(InvalidArgument, match="cannot be read"):
        load_argument(tmp_path / "absent.yaml")


@every_latent
def test_a_prior_cites_the_essays_or_our_judgement(argument, name):
    latent: Latent = argument.latents[name]
    section = r"[PAR] \d(\.\d)*(-\d(\.\d)*)?"
    assert re.fullmatch(f"judgement|{section}(, {section})*(; size by judgement)?", latent.source)


def test_no_reason_cites_evidence(argument, checkout):
    """A prior that rested on a statement in data/elicitations would count it twice."""
    said = " ".join(
        f"{latent.reason} {latent.source} {latent.meaning}" for latent in argument.latents.values()
    )
    folder = checkout / "data" / "elicitations"
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = [yaml.load(p.read_text(encoding="utf-8"), Loader=loader) for p in folder.glob("*.yaml")]
    assert files
    named = {str(file["source"]["title"]) for file in files}
    for file in files:
        named |= {str(file["source"].get("authors"))}
        named |= {str(statement["expert"]) for statement in file.get("statements") or ()}
    assert not [name for name in named if len(name) > 3 and name in said]
    assert not re.search(r"http|et al|survey|forecast|published|estimates", said, re.IGNORECASE)
