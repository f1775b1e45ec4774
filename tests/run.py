"""Run every check of the project, cheapest first; stop at the first that fails.

From a clone, `uv run tests/run.py` sets up the environment and runs this. Arguments go to pytest:
`uv run tests/run.py -k architecture`. The statistical suite runs apart: `uv run pytest -m slow`.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STARTED = time.monotonic()
CHECKOUT = Path(__file__).resolve().parents[1]
UV = os.environ.get("UV") or shutil.which("uv") or "uv"  # `uv run` sets UV to its own path
NOTEBOOKS = [path.as_posix() for path in sorted((CHECKOUT / "notebooks").glob("*.ipynb"))]
USE_THE_WHEEL = "import sweet_spot as s; s.load_argument(); print(s.__version__, s.__file__)"


def step(title: str, *command: str, cwd: Path = CHECKOUT) -> None:
    """Run one command; where it fails, say so and leave with its exit code."""
    print(f"\n== {time.monotonic() - STARTED:.0f} s, {title}: {shlex.join(command)}", flush=True)
    code = subprocess.run(command, cwd=cwd, check=False).returncode
    if code:
        print(f"== {title} FAILED with exit code {code}", flush=True)
        sys.exit(code)


def python(title: str, *arguments: str) -> None:
    """Run a tool of this environment."""
    step(title, sys.executable, "-m", *arguments)


def wheel() -> None:
    """Build the wheel, install it with the pinned versions in a new environment, and use it."""
    with tempfile.TemporaryDirectory(prefix="sweet-spot-wheel-") as name:
        room = Path(name)
        step("wheel: build", UV, "build", "--wheel", "--quiet", "--out-dir", str(room))
        new = (UV, "venv", "--quiet", "--no-project", "--python", sys.executable)
        step("wheel: environment", *new, str(room / "venv"))
        bin_ = room / "venv" / ("Scripts" if os.name == "nt" else "bin")
        (built,) = room.glob("*.whl")
        into = ("--python", str(room / "venv"), "--no-compile-bytecode", "--quiet")
        step("wheel: install", UV, "pip", "install", *into, str(built))
        step("wheel: import", str(bin_ / "python"), "-c", USE_THE_WHEEL, cwd=room)
        step("wheel: command", str(bin_ / "sweet-spot"), "--help", cwd=room)


def main() -> None:
    """Every step in turn."""
    os.environ.setdefault("SMOKE", "1")  # notebooks: few draws
    os.environ.setdefault("MPLBACKEND", "Agg")
    python("lint", "ruff", "check")
    python("format", "ruff", "format", "--check")
    python("types", "mypy")
    if NOTEBOOKS:
        python("notebooks are stripped", "nbstripout", "--verify", *NOTEBOOKS)
    step("records", str(Path(sys.executable).with_name("sweet-spot")), "check")
    wheel()
    workers = ("-n", "2", "--dist", "loadfile")
    python("tests", "pytest", *workers, "--nbmake", "tests", *NOTEBOOKS, *sys.argv[1:])


if __name__ == "__main__":
    main()
