"""Parameter files: intervals, chances and slowdowns of each forecaster, units out of comments."""

import pytest

TEXT = """\
simulation: {n: 5}
forecasters:
  ada:
    name: "Ada Example"
    distributions:
      gap_ci: [0.5, 5]        # 80% CI, months
      other_ci: [1, 2]        # 80% CI, months, SAME
      date_ci: ["2026-07-02", "2031-01-01"]
      p_jump: 0.25
    algorithmic_slowdowns:
      loops: [0.1, 0.8, 40]   # P(none), lower, upper in months
  ben:
    doubling: {dist: lognormal, ci80: [3, 9], min: 1}  # months
    cap: {dist: fixed, value: 12}  # years
    mix: {dist: choice, values: [1, 2], p: [0.5, 0.5]}
"""


def test_all_that_a_file_says(outside):
    found = {said.question: said for said in outside("parameters", TEXT)}
    assert list(found) == [
        *("gap_ci", "other_ci", "date_ci", "p_jump", "loops:none", "loops:length"),
        *("doubling", "cap"),
    ]
    gap = found["gap_ci"]
    assert (gap.forecaster, gap.line, gap.levels) == ("Ada Example", 6, (0.1, 0.9))
    assert (gap.values, gap.unit, gap.reason) == ((0.5, 5), "months", "")
    assert found["other_ci"].reason.startswith("marked SAME")
    assert found["date_ci"].unit == "year"
    assert found["date_ci"].values == pytest.approx((2026.498630, 2031))
    assert (found["p_jump"].kind, found["p_jump"].values) == ("probability", (0.25,))
    assert (found["loops:none"].values, found["loops:none"].unit) == ((0.1,), "probability")
    assert (found["loops:length"].values, found["loops:length"].unit) == ((0.8, 40), "months")
    assert (found["doubling"].values, found["doubling"].unit) == ((3, 9), "months")
    assert (found["cap"].kind, found["cap"].values) == ("median", (12,))


def change(old, new):
    assert old in TEXT
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (change("0.5, 5]", "5, 0.5]"), ":6: forecasters.ada.distributions.gap_ci is [5, 0.5]"),
        (change("0.5, 5]", "0.5]"), ":6: forecasters.ada.distributions.gap_ci"),
        (change("0.5, 5]", "0.5, .nan]"), ":6: forecasters.ada.distributions.gap_ci is nan"),
        (change("0.5, 5]", "0.5, 1e308]"), ":6: forecasters.ada.distributions.gap_ci is 1e+308"),
        (change("0.25", "25"), ":9: forecasters.ada.distributions.p_jump is 25"),
        (change("2026-07-02", "2026-07-32"), ":8: forecasters.ada.distributions.date_ci"),
        (change("[0.5, 5]", "!!python/object:os.system x"), ":6: 'tag:yaml.org"),
        (change("[0.5, 5]", "&a [1, 2]"), ":6: 'a' is a YAML anchor"),
        (change("ben:", "ada:"), ":12: the key 'ada' stands here and on line 3"),
        ("a: 1\n", ": there is no map `forecasters`"),
        ("forecasters: {a: 1}\n", ":1: forecasters.a is 1, where a map"),
        ("forecasters: {a: {}}\n", ": no forecaster has an interval"),
        ("forecasters: [" * 200, ":1: "),
    ],
)
def test_errors(refused, text, message):
    assert refused("parameters", text).startswith(message)


def test_the_sample(outside, shared):
    found = outside("parameters", shared / "formats/notation/forecaster_params_synthetic.yaml")
    said = {one.question: (one.kind, one.values, one.unit) for one in found}
    assert said == {
        "h_SC_ci": ("quantile", (0.1, 5), "months"),
        "T_t_ci": ("quantile", (1, 12), "months"),
        "t_sat_ci": ("quantile", (2026 + round(243 / 365, 6), 2031), "year"),
        "p_superexponential": ("probability", (0.4,), "probability"),
        "feedback_loops:none": ("probability", (0.1,), "probability"),
        "feedback_loops:length": ("quantile", (0.8, 40), ""),
    }
