"""The shape of the code: who may import whom, how large things get, what the wheel contains."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("mlestim", "nn", "reports")
SOURCE_FOLDERS = (*PACKAGES, "tests", "benchmarks", "examples", "tools")

MAX_LINES = 400
MAX_FILES = 12
FAMILY_SHELVES = {
    Path("mlestim/distributions") / kind for kind in ("continuous", "discrete", "multivariate")
}

# Of the three packages, each may import itself and those it stands on.
STANDS_ON = {
    "mlestim": {"mlestim"},
    "nn": {"mlestim", "nn"},
    "reports": {"mlestim", "nn", "reports"},
}

# The only files of a lower package that may import a higher one, and only inside a function.
LATE_IMPORTS = {
    "mlestim/__init__.py": {"nn", "reports"},  # the lazy aliases mlestim.nn and mlestim.reports
    "mlestim/cli/networks/files.py": {"nn"},
    "mlestim/cli/networks/predict.py": {"nn"},
    "mlestim/cli/networks/train.py": {"nn"},
    "mlestim/cli/report.py": {"reports"},
    "mlestim/results/result.py": {"reports"},  # FitResult.report
    "mlestim/results/grouped.py": {"reports"},  # GroupedFit.report
}

# The rows of the design, top to bottom: a row imports itself and rows below it.
ROWS = (
    {"cli", "__main__"},
    {"accessor"},
    {"__init__", "catalogue", "comparing", "components", "fitting", "maximizing"},
    {"results"},
    {"plots"},
    {"inference"},
    {"estimation"},
    {"regression"},
    {"likelihood", "problem"},
    {"sample"},
    {"distributions"},
    {"penalties"},
    {"optim"},
    {"special"},
    {"errors", "_version"},
)
ROW_OF = {name: depth for depth, row in enumerate(ROWS) for name in row}

HEAVY = ("pandas", "scipy.optimize", "scipy.stats", "matplotlib", "sklearn", "statsmodels")


def python_files(*folders: str) -> list[Path]:
    """Every Python file under the folders, relative to the repository."""
    return sorted(
        path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py")
    )


def is_type_checking(test: ast.expr) -> bool:
    """Whether an ``if`` guards imports that exist for type checkers only."""
    return isinstance(test, (ast.Name, ast.Attribute)) and ast.unparse(test).endswith(
        "TYPE_CHECKING"
    )


def imported_by(statement: ast.AST, package: str) -> list[str]:
    """The modules that one statement imports, by their full dotted names."""
    match statement:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            parents = package.split(".")[: len(package.split(".")) - level + 1] if level else []
            base = ".".join([*parents, *([module] if module else [])])
            # `from mlestim import likelihood` imports a module, or a name from the package's own
            # file: which one is told by the file system.
            return [
                f"{base}.{name.name}" if is_module(f"{base}.{name.name}") else base
                for name in names
            ]
        case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]) if ast.unparse(
            function
        ).endswith("import_module"):
            return [module]
    return []


def is_module(dotted: str) -> bool:
    """Whether a dotted name is a module or package of this repository."""
    path = ROOT.joinpath(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


@functools.cache
def imports(path: Path) -> tuple[tuple[str, bool, int], ...]:
    """Module, whether inside a function, and line, of each run-time import in a file."""
    package = ".".join(path.parent.parts)
    found: list[tuple[str, bool, int]] = []

    def visit(node: ast.AST, *, late: bool) -> None:
        for child in ast.iter_child_nodes(node):
            found.extend((name, late, child.lineno) for name in imported_by(child, package))
            if isinstance(child, ast.If) and is_type_checking(child.test):
                for alternative in child.orelse:
                    visit(alternative, late=late)
                continue
            inside = late or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            visit(child, late=inside)

    visit(ast.parse((ROOT / path).read_text(encoding="utf-8")), late=False)
    return tuple(found)


def row_name(dotted: str) -> str:
    """The design's row that a module of mlestim belongs to: its first name below mlestim."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_those_they_stand_on(package: str) -> None:
    wrong = [
        f"{path}:{line} imports {name}"
        for path in python_files(package)
        for name, late, line in imports(path)
        if (top := name.split(".")[0]) in SOURCE_FOLDERS
        and top not in STANDS_ON[package]
        and not (late and top in LATE_IMPORTS.get(path.as_posix(), set()))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_of_mlestim_has_a_row_in_the_design() -> None:
    names = {
        path.parts[1].removesuffix(".py") for path in python_files("mlestim") if len(path.parts) > 1
    }
    assert names <= set(ROW_OF), f"add to ROWS: {sorted(names - set(ROW_OF))}"


def test_lower_rows_of_mlestim_never_import_upper_ones() -> None:
    wrong = [
        f"{path}:{line} ({own}) imports {name} ({other})"
        for path in python_files("mlestim")
        for name, _, line in imports(path)
        if name.split(".")[0] == "mlestim"
        and (own := path.parts[1].removesuffix(".py")) in ROW_OF
        and (other := row_name(name)) in ROW_OF
        and ROW_OF[other] < ROW_OF[own]
    ]
    assert not wrong, "\n".join(wrong)


def test_files_stay_readable() -> None:
    lengths = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in python_files(*SOURCE_FOLDERS)
    }
    long = [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > MAX_LINES]
    assert not long, "\n".join(long)


def test_folders_stay_small() -> None:
    folders: dict[Path, int] = {}
    for path in python_files(*SOURCE_FOLDERS):
        if path.name != "__init__.py" and path.parent not in FAMILY_SHELVES:
            folders[path.parent] = folders.get(path.parent, 0) + 1
    large = [f"{folder}: {count} files" for folder, count in folders.items() if count > MAX_FILES]
    assert not large, "\n".join(large)


def test_importing_mlestim_is_light() -> None:
    program = f"import sys, mlestim; print(*[name for name in {HEAVY} if name in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert loaded.stdout.split() == []


def test_version_is_said_once() -> None:
    import mlestim
    from mlestim._version import __version__

    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert mlestim.__version__ == __version__
    assert f"\nversion: {__version__}\n" in citation
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that `pip install .` would install, built offline with the installed hatchling."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder)]
    build = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert build.returncode == 0, build.stdout + build.stderr
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_wheel_contains_exactly_the_three_packages(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_wheel_contains_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = {name for name in wheel.namelist() if name.split("/")[0] in PACKAGES}
    assert packed == expected
    assert {f"{package}/py.typed" for package in PACKAGES} <= packed


def test_wheel_installs_the_console_command(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "mlestim = mlestim.cli:main" in wheel.read(entry_points).decode()
