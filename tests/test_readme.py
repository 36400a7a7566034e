"""The README is run: its commands are understood, its Python works."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from qa.cli import app

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
pytestmark = pytest.mark.skipif(not README.is_file(), reason="no README.md yet")

_FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SHELL = {"sh", "bash", "console", "shell"}
FENCED = _FENCED.findall(README.read_text(encoding="utf-8")) if README.is_file() else []
SNIPPETS = [code for language, code in FENCED if language in ("python", "py")]
COMMANDS = [
    line.strip().removeprefix("$ ")
    for language, code in FENCED
    if language in _SHELL
    for line in code.replace("\\\n", " ").splitlines()
    if re.match(r"\s*(?:\$ )?(?:qa|python -m qa) ", line)
]


def arguments(line: str) -> list[str]:
    """Return what a line hands to `qa`: up to a comment, a pipe or a redirection."""
    words = shlex.split(line, comments=True)
    ends = [place for place, word in enumerate(words) if word in ("|", ">", "<", "&&", "2>", ">>")]
    return words[1 if words[0] == "qa" else 3 : min(ends, default=len(words))]


def test_the_readme_shows_commands_and_python() -> None:
    assert COMMANDS
    assert SNIPPETS


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_is_understood(line: str) -> None:
    name, *rest = arguments(line)
    group = get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    if not name.startswith("-"):
        command = group.commands[name]
        command.make_context(name, rest, resilient_parsing=False)


@pytest.mark.parametrize("code", SNIPPETS, ids=lambda code: code.strip().splitlines()[0])
def test_a_snippet_is_python(code: str) -> None:
    ast.parse(code)


@pytest.mark.model
def test_the_first_snippet_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    ended = subprocess.run([sys.executable, "-c", SNIPPETS[0]], cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert ended.returncode == 0, ended.stderr
