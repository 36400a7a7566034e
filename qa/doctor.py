"""Examine an index: each file that is damaged, missing or foreign, each thing it no longer fits, and what mends it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qa import generations
from qa.build import expected
from qa.changes import compare
from qa.errors import CorpusError, IndexMissing, IndexOutdated, ModelError, StoreError
from qa.models import fingerprint
from qa.options import BUNDLED

Kind = Literal["missing", "damaged", "foreign", "model", "version", "names", "corpus"]

_PARTS: dict[str, tuple[Kind, str]] = {  # of the manifest, apart from articles and model
    "names": ("names", "the tables of names have changed since"),
    "null_questions": ("version", "it was made by another version of this program"),
    "code": ("version", "it was made by another version of this program"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: with what, in words, and the command that mends it."""

    kind: Kind
    name: str
    words: str
    command: str


def examine(corpus: Path, index: Path, *, mark: str | None = None) -> tuple[Finding, ...]:
    """Return everything that is wrong with the index in folder `index`, or that it no longer fits.

    `mark` is the fingerprint of the encoder at hand; without it, that of the index's model is worked out.
    """
    return tuple(dict.fromkeys(_findings(corpus, index, mark)))


def _findings(corpus: Path, index: Path, mark: str | None) -> Iterator[Finding]:
    mend = _build_command(corpus, index)
    try:
        generation, manifest = generations.current_manifest(index)
    except IndexMissing:
        yield Finding("missing", str(index), "holds no index", mend)
        return
    except StoreError as error:
        yield _unreadable(index, error, mend)
        yield from _foreign(index)
        return
    yield from _files(index, generation, mend)
    yield from _foreign(index)
    yield from _model(manifest, _build_command(corpus, index, str(manifest["model"]["spec"])), mark)
    yield from _moved_on(corpus, index, manifest)


def _unreadable(index: Path, error: StoreError, mend: str) -> Finding:
    """Return why the index cannot be read at all: the file that is named, or the whole of it."""
    kind: Kind = "version" if isinstance(error, IndexOutdated) else "damaged"
    words = _words(error).removeprefix(f"the index in {index} ")
    if words.startswith(f"{index}/"):
        name, _, words = words.removeprefix(f"{index}/").partition(" ")
        return Finding(kind, name, words, mend)
    return Finding(kind, str(index), words, mend)


def _words(error: Exception) -> str:
    return str(error).removesuffix("; run `qa build`")


def _build_command(corpus: Path, index: Path, model: str = BUNDLED) -> str:
    """Return the command that builds this index from this corpus, without what is the default anyway."""
    told = (("--corpus", str(corpus), "corpus"), ("--index", str(index), "index"), ("--model", model, BUNDLED))
    options = [part for name, value, default in told if value != default for part in (name, value)]
    return shlex.join(["qa", "build", *options])


def _files(index: Path, generation: str, mend: str) -> Iterator[Finding]:
    """Yield each file of each generation that is not what was written."""
    for home in generations.generations(index):
        here = home.name == generation
        command = mend if here else shlex.join(["rm", "-r", str(home)])
        try:
            manifest = generations.read_manifest(home)
        except StoreError as error:
            yield Finding("damaged", f"{home.name}/manifest.json", _words(error), command)
            continue
        for name, damage in generations.damages(home, manifest):
            kind: Kind = "missing" if damage == "is missing" else "damaged"
            yield Finding(kind, f"{home.name}/{name}", damage, command)


def _foreign(index: Path) -> Iterator[Finding]:
    """Yield what lies in the index and was not put there by a build."""
    for path in generations.strangers(index):
        name = path.relative_to(index).as_posix()
        yield Finding("foreign", name, "is no part of the index", shlex.join(["rm", "-r", str(path)]))


def _model(manifest: dict[str, Any], mend: str, mark: str | None) -> Iterator[Finding]:
    spec = str(manifest["model"]["spec"])
    try:
        here = mark or fingerprint(spec)
    except ModelError as error:
        yield Finding("model", spec, f"the index's model cannot be used: {error}", mend)
        return
    if here != manifest["model"]["fingerprint"]:
        yield Finding("model", spec, "the weights here are not those that the index was made with", mend)


def _moved_on(corpus: Path, index: Path, manifest: dict[str, Any]) -> Iterator[Finding]:
    """Yield how the corpus, the names and the program differ from those that the index was made of."""
    spec = str(manifest["model"]["spec"])
    mend = _build_command(corpus, index, spec)
    try:
        now = expected(corpus, mark=str(manifest["model"]["fingerprint"]), model=spec)
    except CorpusError as error:
        again = shlex.join(["qa", "doctor", "--corpus", "FOLDER", "--index", str(index)])
        yield Finding("corpus", str(corpus), f"cannot be compared with the index: {error}", again)
        return
    change = compare(manifest["articles"], now["articles"])
    if change:
        counts = (len(change.added), len(change.changed), len(change.removed), len(change.moved))
        told = "has moved on: {} added, {} changed, {} removed, {} moved".format(*counts)
        yield Finding("corpus", str(corpus), told, mend)
    for part, (kind, words) in _PARTS.items():
        if manifest.get(part) != now.get(part):
            yield Finding(kind, str(index), words, mend)
