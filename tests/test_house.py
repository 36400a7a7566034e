"""How the house is built: which module may import which, who owns what, and that everything is described."""

from __future__ import annotations

import ast
import doctest
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1] / "qa"

# The reading order: a module may import only those before it.
ORDER = """
    errors records options stages
    folding language quantities sentences sounds clean tokens
    disk decoding archives heads dates rows pages documents apart readers corpus
    copies passages names
    weights models dictionary unigram embed blocks dense lexical
    generations terms store changes material retrieve asks confidence answer
    embedding reuse shelves build assistant
    figures render watch holdings
    cells workbook tables labels faults answered journal spreadsheets reports batch
    verify compare reviewed evaluate doctor
""".split()
WORDS = {"errors", "records", "options", "stages"}
TEXT = {"language", "names"}
OUTSIDE = set(ORDER[ORDER.index("figures") :])
DOOR = "__init__"
ENTRIES = {"cli", "web"}
OWNERS = {
    "faiss": {"dense"},
    "sentence_transformers": {"models", "embed"},
    "openvino": {"embed"},
    "gradio": {"web"},
    "filelock": {"generations", "models", "disk"},
    "typer": {"cli"},
}
HEAVY = ("torch", "transformers", "sentence_transformers", "faiss", "gradio", "openvino")

FILES = sorted(HOME.rglob("*.py"))
MODULES = sorted(path.stem for path in HOME.glob("*.py") if not path.stem.startswith("__"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def name_of(path: Path) -> str:
    """Return the module's name, or `web` for anything in that folder."""
    return path.relative_to(HOME).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of everything that a module imports, wherever in it."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = (alias.name for alias in node.names)
            yield from (
                "qa." + DOOR if (node.module, name) == ("qa", "build") else f"{node.module}.{name}" for name in names
            )


def inside(path: Path) -> set[str]:
    """Return the modules of the package that a module imports; the door is `__init__`."""
    found = set()
    for name in imported(path):
        first, *rest = name.split(".")
        if first == "qa":
            found.add(rest[0] if rest and (rest[0] in MODULES or rest[0] == "web") else DOOR)
    return found


def ids(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def test_the_reading_order_names_every_module() -> None:
    assert sorted(set(MODULES) - set(ORDER) - ENTRIES) == []
    assert len(ORDER) == len(set(ORDER))


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) in ORDER], ids=ids)
def test_a_module_imports_only_those_before_it(path: Path) -> None:
    before = set(ORDER[: ORDER.index(name_of(path))])
    assert sorted(inside(path) - before) == []


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) in ENTRIES], ids=ids)
def test_an_entry_imports_the_door_and_what_stands_outside(path: Path) -> None:
    assert sorted(inside(path) - {DOOR, "generations", "store", "web"} - WORDS - TEXT - OUTSIDE) == []


def test_the_door_opens_on_what_is_assembled() -> None:
    assert inside(HOME / "__init__.py") <= {"assistant", "build", "embed", *WORDS}


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_its_owner(library: str) -> None:
    users = {name_of(path) for path in FILES if any(name.split(".")[0] == library for name in imported(path))}
    assert users <= OWNERS[library]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import qa", id="import qa"),
        pytest.param("import runpy, sys\nsys.argv = ['qa', '--help']\nrunpy.run_module('qa')", id="qa --help"),
    ],
)
def test_heavy_libraries_wait_until_they_are_used(code: str) -> None:
    told = f"import atexit, sys\natexit.register(lambda: print('loaded:', *({HEAVY} & sys.modules.keys())))\n{code}"
    told = told.replace(str(HEAVY), repr(set(HEAVY)))
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, encoding="utf-8", check=True)
    assert ended.stdout.splitlines()[-1].strip() == "loaded:"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_module_says_what_it_does(path: Path) -> None:
    assert ast.get_docstring(TREES[path])


def public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_everything_public_is_described(path: Path) -> None:
    assert [node.name for node in public(TREES[path]) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) not in (*ENTRIES, "__main__")], ids=ids)
def test_worked_examples_hold(path: Path) -> None:
    module = importlib.import_module("qa" if path.stem == "__init__" else f"qa.{path.stem}")
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_nothing_prints_and_nothing_asserts(path: Path) -> None:
    calls = {
        node.func.id for node in ast.walk(TREES[path]) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "print" not in calls
    assert not any(isinstance(node, ast.Assert) for node in ast.walk(TREES[path]))


def test_no_module_shadows_the_standard_library() -> None:
    assert set(MODULES) & set(sys.stdlib_module_names) == set()
