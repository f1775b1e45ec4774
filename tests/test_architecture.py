"""The shape of the code: one direction of imports, small files, a true module map, a fast start."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions, entry_points
from pathlib import Path

import pytest

import sweet_spot

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "model" / "sweet_spot"
DISTRIBUTION = "ai-safety-sweet-spot"
ROOMS = ("argument", "evidence", "inference", "answers", "page", "cli")
"""Each room may import itself and those to its left."""

OUTSIDE = ("", "errors")
"""What every room may import: the package itself (for its version) and `errors`."""

MODULES = sorted(PACKAGE.rglob("*.py"))
FILES = sorted(
    [*MODULES, *(CHECKOUT / "tests").rglob("*.py"), *(CHECKOUT / "notebooks").rglob("*.py")]
)
HEAVY = ("pymc", "pytensor", "arviz", "nutpie", "xarray", "matplotlib")
FILE_LINES, BODY_LINES = 300, 30


def name_of(path: Path) -> str:
    """Path of a module inside the package, as test id and in the module map."""
    return path.relative_to(PACKAGE).as_posix()


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Absolute dotted name and line of everything a file imports, wherever in the file."""
    package = ["sweet_spot", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{source}.{alias.name}", node.lineno) for alias in node.names)


def room_of(dotted: str) -> str | None:
    """Room (or root module) that a dotted name of the package lives in; None for other packages."""
    package, _, inside = dotted.partition(".")
    if package != "sweet_spot":
        return None
    public = sweet_spot._HOMES.get(inside)
    return room_of(public) if public else inside.removeprefix("__version__").split(".")[0]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and body length, without docstring, of every function in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            yield node.name, (body[-1].end_lineno - body[0].lineno + 1 if body else 0)


def in_room(path: Path) -> str:
    """First part of a module's name inside the package: its room, or itself at the root."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def every_module(
    *, unless: tuple[str, ...] = (), only: tuple[str, ...] = ()
) -> pytest.MarkDecorator:
    """Parametrize over the modules, less those of some rooms, or only those of some."""
    kept = [path for path in MODULES if in_room(path) not in unless]
    kept = [path for path in kept if not only or in_room(path) in only]
    return pytest.mark.parametrize("path", kept, ids=name_of)


@every_module(unless=("__init__",))  # whose imports are checked by test_public_names_agree
def test_imports_go_one_way(path: Path) -> None:
    room = in_room(path)
    allowed = {*OUTSIDE, *ROOMS[: ROOMS.index(room) + 1]} if room in ROOMS else set(OUTSIDE)
    wrong = [
        f"line {line}: {name}"
        for name, line in imported(path)
        if room_of(name) not in {None, *allowed}
    ]
    assert not wrong, f"{name_of(path)} ({room}) may import only {sorted(allowed)}: {wrong}"


def test_every_folder_is_a_room() -> None:
    folders = {path.relative_to(PACKAGE).parts[0] for path in MODULES if path.parent != PACKAGE}
    assert folders <= set(ROOMS)


@every_module(only=("argument", "evidence"))
def test_argument_and_evidence_do_without_pymc(path: Path) -> None:
    found = [
        name for name, _ in imported(path) if name.split(".")[0] in ("pymc", "arviz", "nutpie")
    ]
    assert not found


@every_module(unless=("inference",))
def test_only_inference_opens_a_model(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    opened = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pm.Model", "pymc.Model")
    ]
    assert not opened, f"{name_of(path)} opens a PyMC model on lines {opened}"
    assert "pymc.Model" not in {name for name, _ in imported(path)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@every_module()
def test_functions_are_short(path: Path) -> None:
    long = {name: lines for name, lines in functions(path) if lines > BODY_LINES}
    assert not long, f"bodies over {BODY_LINES} lines without docstring: {long}"


def test_readme_names_every_module() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    section = re.search(r"<!-- module-map -->(.*?)<!-- /module-map -->", readme, re.DOTALL)
    assert section, "README.md has no <!-- module-map --> ... <!-- /module-map -->"
    named = set(re.findall(r"`([a-z_/]+\.py)`", section[1]))
    present = {name_of(path): path for path in MODULES if path.name != "__init__.py"}
    gone = sorted(named - present.keys())
    rows = [
        f"| `{name}` | {summary(path)} |" for name, path in present.items() if name not in named
    ]
    assert not gone, f"the README's module map names modules that are gone: {gone}"
    assert not rows, "rows missing from the README's module map:\n" + "\n".join(rows)


def summary(path: Path) -> str:
    """First line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "?").splitlines()[0]


def test_public_names_agree() -> None:
    typed = {
        name.rpartition(".")[2]: name.rpartition(".")[0]
        for name, _ in imported(PACKAGE / "__init__.py")
        if name.startswith("sweet_spot.")
    }
    assert typed == sweet_spot._HOMES
    assert sweet_spot.__all__ == sorted([*sweet_spot._HOMES, "__version__"])
    for name in sweet_spot.__all__:
        assert getattr(sweet_spot, name) is not None
    assert dir(sweet_spot) == sweet_spot.__all__
    with pytest.raises(AttributeError, match="no attribute 'sampel'"):
        sweet_spot.sampel  # noqa: B018


def test_every_version_is_pinned() -> None:
    """A clone has no lock file: what the machine's lock resolved must stand in pyproject.toml."""
    lock = CHECKOUT / "uv.lock"
    if not lock.exists():
        pytest.skip("no uv.lock: this environment was not set up by uv")
    resolved = {p["name"]: p["version"] for p in tomllib.loads(lock.read_text())["package"]}
    here = {dist.name.lower().replace("_", "-") for dist in distributions()}
    wanted = {f"{name}=={resolved[name]}" for name in here & resolved.keys() - {DISTRIBUTION}}
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    unpinned = wanted - set(project["tool"]["uv"]["constraint-dependencies"])
    assert not unpinned, f"add to [tool.uv] constraint-dependencies: {sorted(unpinned)}"


def test_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="sweet-spot")
    assert command.value == "sweet_spot.cli.app:main"


HELP = """
import sys
from sweet_spot.cli.app import main
sys.argv = ["sweet-spot", "--help"]
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


@pytest.mark.parametrize(
    "code",
    ["import sweet_spot", "from sweet_spot import check", HELP],
    ids=["package", "check", "help"],
)
def test_start_is_light(code: str) -> None:
    loaded = "\nimport json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code + loaded], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert not set(HEAVY) & set(json.loads(run.stdout.splitlines()[-1]))
