"""How much longer a run is to be whose draws did not suffice."""

import numpy as np
import pytest

from sweet_spot.inference.judge import enough, shortfall
from sweet_spot.inference.refit import LONGER, _times


def verdict(r_hat: float, bulk: float, tail: float) -> dict[str, float]:
    found = {"r_hat": (r_hat, 1.01), "ess_bulk": (bulk, 400.0), "ess_tail": (tail, 400.0)}
    out = {f"check_{name}": each[0] for name, each in found.items()}
    out |= {f"check_{name}_threshold": each[1] for name, each in found.items()}
    passed = {"r_hat": r_hat <= 1.01, "ess_bulk": bulk >= 400, "ess_tail": tail >= 400}
    return out | {f"check_{name}_passed": int(each) for name, each in passed.items()}


@pytest.mark.parametrize(
    ("found", "lacking", "times"),
    [
        ((1.0103, 590, 900), 1.03, 2),
        ((1.004, 300, 900), 4 / 3, 2),
        ((1.004, 900, 230), 40 / 23, 3),
        ((1.02, 500, 500), 2.0, 3),
        ((1.3, 20, 20), 30.0, LONGER),
        ((np.inf, 20, 20), np.inf, LONGER),
    ],
)
def test_as_much_longer_as_was_lacking(
    found: tuple[float, float, float], lacking: float, times: int
) -> None:
    """And half as much again, in whole runs: twice at least, `LONGER` times at most."""
    told = verdict(*found)
    assert not enough(told)
    assert shortfall(told) == pytest.approx(lacking)
    assert _times(told) == times


def test_nothing_is_lacking_where_enough_was_drawn() -> None:
    told = verdict(1.004, 500, 900)
    assert enough(told)
    assert shortfall(told) < 1
