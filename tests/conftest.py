"""What every test shares: one thread per worker, no window, the same examples each time."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parents[1]

# NumPy is not imported yet: sums in one order, and workers that do not fight over the cores.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ["COLUMNS"] = "100"  # the width at which rich and typer wrap
os.environ["NO_COLOR"] = "1"

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of worked cases shared between checkouts; tests that need it skip without it."""
    folder = Path(os.environ.get("SWEET_SPOT_SHARED", CHECKOUT.parent / "shared")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no shared folder at {folder}: set SWEET_SPOT_SHARED to where it is")
    return folder


@pytest.fixture
def write_panel(tmp_path: Path) -> Callable[..., Path]:
    """Writes a dataset of resolved forecasts from rows of text; the folder it is in."""

    def write(name: str, forecasts: str, outcomes: str, experts: str = "") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        heads = {
            "forecasts": "question_id,expert_id,kind,level,value,date,round",
            "outcomes": "question_id,outcome,group,domain,scale",
            "experts": "expert_id,group",
        }
        texts = {"forecasts": forecasts, "outcomes": outcomes, "experts": experts}
        for file, text in texts.items():
            if text:
                rows = "\n".join(line.strip() for line in text.strip().splitlines())
                (folder / f"{file}.csv").write_text(f"{heads[file]}\n{rows}\n", encoding="utf-8")
        return folder

    return write
