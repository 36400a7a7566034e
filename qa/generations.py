"""Generations on disk: each written whole into a folder of its own, a pointer swapped, everything checked.

    index/
    ├── CURRENT              the name of the generation to read
    ├── CACHEDIR.TAG         tells other programs, and our own corpus, to pass this folder over
    ├── lock, holder         held while a build writes, and by whom
    ├── .draft-*             what a build is writing or removing; left behind only by one that was killed
    └── 3f2a…/               one generation, named by the hash of its manifest
        ├── manifest.json    what it was made of; size and checksum of each file
        └── …                its files, of which this module knows the names alone

The only module that changes this folder.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np
import orjson
from xxhash import xxh3_128

from qa.disk import sync
from qa.errors import IndexBusy, IndexDamaged, IndexMissing, IndexOutdated, StoreError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 7  # raised whenever an index of an older form must be built anew

_POINTER, _LOCK, _HOLDER, _MANIFEST, _DRAFT = "CURRENT", "lock", "holder", "manifest.json", ".draft-"
_NAME = re.compile(rb"[0-9a-f]{16}")  # of a generation
_TAG = "CACHEDIR.TAG"
_TAG_TEXT = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# An index made by news-qa; see https://bford.info/cachedir/\n"
)
_READERS = 2  # files that are checked at a time
_WRITERS = 2  # files that are written at a time: one is copied while the disk takes the other
_PART = 1 << 20  # bytes that are read at a time

_Read = TypeVar("_Read")


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the right to write `folder`; the system lets it go when the process dies.

    Raises:
        IndexBusy: another build holds it.
        StoreError: the folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    try:
        _make(folder)
        held = FileLock(folder / _LOCK, timeout=0)
        held.acquire()
    except Timeout as error:
        raise IndexBusy(f"another build{_holder(folder)} is writing {folder}; wait for it, then try again") from error
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"cannot write {folder} ({reason}); choose another folder with --index") from error
    try:
        _prepare(folder)
        yield
    finally:
        held.release()


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        sync(folder.parent)


def _holder(folder: Path) -> str:
    """Return who said last that they hold the lock."""
    try:
        told = (folder / _HOLDER).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return ""
    return f" (process {told[0]} on {told[1]})" if len(told) == 2 else ""


def _prepare(folder: Path) -> None:
    """Say who holds the lock, and remove what builds that were killed have left."""
    try:
        (folder / _HOLDER).write_text(f"{os.getpid()} {platform.node() or 'this machine'}\n", encoding="utf-8")
        if not (folder / _TAG).exists():
            (folder / _TAG).write_text(_TAG_TEXT, encoding="utf-8")
        for left in folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)
    except OSError as error:
        raise StoreError(_unwritable(folder, error)) from error


def _unwritable(folder: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"cannot write the index in {folder} ({reason}); what was there stands as it was"


@contextmanager
def writing(folder: Path) -> Iterator[Draft]:
    """Give a draft to write; then swap the pointer to it. Generations before the current one are removed meanwhile.

    Its name, in `Draft.generation`, is a hash of everything in it, so the same corpus and model give the
    same generation.

    Raises:
        StoreError: the disk is full or the folder cannot be written; the old generation stands.
    """
    with _told(folder):
        draft = Draft(_aside(folder))
    try:
        draft.beside(lambda: _clear(folder))
        yield draft
        with _told(folder):
            draft.seal()
            _swap(folder, draft.home, draft.generation)
    finally:
        draft.end()
        shutil.rmtree(draft.home, ignore_errors=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say of what the system refuses that the index could not be written."""
    try:
        yield
    except OSError as error:
        raise StoreError(_unwritable(folder, error)) from error


def _aside(folder: Path) -> Path:
    """Make a folder for what is not yet, or no longer, part of the index."""
    path = folder / f"{_DRAFT}{token_hex(4)}"
    path.mkdir()
    return path


class _Checked:
    """A file that knows what was meant to be written: what the disk makes of it is checked against that later."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.checksum = xxh3_128()
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        view = memoryview(data).cast("B")
        self._file.write(view)
        self.checksum.update(view)
        self.size += len(view)
        return len(view)


class Draft:
    """A generation that is being written, some files at a time, while others are still worked out.

    What it was made of, `about`, is told last.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.generation = ""
        self.about: Mapping[str, Any] = {}
        self._listed: dict[str, dict[str, object]] = {}
        self._threads = ThreadPoolExecutor(_WRITERS)
        self._begun: list[Future[None]] = []

    def file(self, name: str, parts: Callable[[], Iterable[bytes]]) -> None:
        """Write a file of these parts; they are asked for when its turn comes."""
        self._begin(name, lambda file: _write_parts(file, parts()))

    def json(self, name: str, value: object) -> None:
        """Write a value."""
        self.file(name, lambda: [orjson.dumps(value)])

    def array(self, name: str, rows: NDArray[Any]) -> None:
        """Write an array; numpy's own way to a file says nothing when the disk is full at the last moment."""
        self._begin(name, lambda file: np.lib.format.write_array(file, rows, allow_pickle=False))

    def beside(self, work: Callable[[], None]) -> None:
        """Do something else in the order of the files.

        Raises:
            StoreError: what was begun before could not be done.
        """
        with _told(self.home.parent):
            for begun in filter(Future.done, self._begun):
                begun.result()
        self._begun.append(self._threads.submit(work))

    def _begin(self, name: str, write: Callable[[_Checked], None]) -> None:
        self.beside(lambda: self._write(name, write))

    def _write(self, name: str, write: Callable[[_Checked], None]) -> None:
        with (self.home / name).open("wb") as file:
            checked = _Checked(file)
            write(checked)
            file.flush()
            os.fsync(file.fileno())
        self._listed[name] = {"bytes": checked.size, "xxh128": checked.checksum.hexdigest()}

    def keep(self, name: str, path: Path, listed: dict[str, object]) -> bool:
        """Take a file of another generation as it is, of which `listed` tells; False where disks share none."""
        try:
            (self.home / name).hardlink_to(path)
        except OSError:
            return False
        self._listed[name] = listed
        return True

    def seal(self) -> None:
        """Wait for all files, write the manifest, sync the folder, and name the generation; raises OSError."""
        for written in self._begun:
            written.result()
        manifest = {"format": FORMAT, **self.about, "files": dict(sorted(self._listed.items()))}
        text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        self._write(_MANIFEST, lambda file: _write_parts(file, [text]))
        sync(self.home)
        self.generation = sha256(text).hexdigest()[:16]

    def end(self) -> None:
        """Write nothing more."""
        self._threads.shutdown(cancel_futures=True)


def _write_parts(file: _Checked, parts: Iterable[bytes]) -> None:
    for part in parts:
        file.write(part)


def _checksum(path: Path) -> str:
    """Return the XXH3 hash of a file (Collet, github.com/Cyan4973/xxHash): damage is told at the speed of memory."""
    checksum = xxh3_128()
    with path.open("rb", buffering=0) as file:
        while part := file.read(_PART):
            checksum.update(part)
    return checksum.hexdigest()


def _swap(folder: Path, draft: Path, generation: str) -> None:
    """Move the draft to its name and point to it; the one before it is kept for those who still read it."""
    home = folder / generation
    if home.exists() and not _is_whole(home):
        _discard(home)
    if not home.exists():
        draft.rename(home)
        sync(folder)
    _point(folder, generation)


def _clear(folder: Path) -> None:
    """Remove the generations that are not the current one; where that cannot be done or told, they are left."""
    now = _pointer(folder)
    if now is None or not (folder / now).is_dir():
        return
    for path in generations(folder):
        if path.name != now:
            with suppress(OSError):
                _discard(path)


def _is_whole(home: Path) -> bool:
    try:
        return not any(damages(home, read_manifest(home)))
    except StoreError:
        return False


def _point(folder: Path, generation: str) -> None:
    if _pointer(folder) == generation:
        return
    pointer = folder / f"{_DRAFT}{_POINTER}"
    with pointer.open("wb") as file:
        file.write(f"{generation}\n".encode())
        file.flush()
        os.fsync(file.fileno())
    pointer.replace(folder / _POINTER)
    sync(folder)


def _discard(home: Path) -> None:
    """Remove a generation: out of its place in one step first, so that what has a name is always whole."""
    aside = _aside(home.parent)
    home.rename(aside / home.name)
    shutil.rmtree(aside, ignore_errors=True)


def generations(folder: Path) -> tuple[Path, ...]:
    """Return the folders of the generations that are there, in order of their names."""
    return tuple(sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name.encode()) and path.is_dir()))


def _pointer(folder: Path) -> str | None:
    """Return the generation's name in the pointer, None where there is no pointer or none that was written by us."""
    try:
        name = (folder / _POINTER).read_bytes().removesuffix(b"\n")
    except OSError:
        return None
    return name.decode() if _NAME.fullmatch(name) else None


def current(folder: Path) -> str:
    """Return the name of the generation to read.

    Raises:
        IndexMissing: there is none.
        IndexDamaged: the pointer to it is not what was written.
    """
    try:
        written = (folder / _POINTER).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        if folder.is_dir() and generations(folder):
            raise IndexDamaged(f"{folder / _POINTER} is missing; run `qa build`") from error
        raise IndexMissing(f"no index in {folder}; run `qa build` first") from error
    except OSError as error:
        raise StoreError(f"{folder / _POINTER} cannot be read ({error.strerror})") from error
    if not (written.endswith(b"\n") and _NAME.fullmatch(written[:-1])):
        raise IndexDamaged(f"{folder / _POINTER} is not what was written; run `qa build`")
    return written[:-1].decode()


def opened(folder: Path, read: Callable[[Path], _Read]) -> _Read:
    """Return what `read` makes of the current generation; where a build takes it away meanwhile, of the next one.

    Raises:
        StoreError: there is no index, or it is damaged or of another version.
    """
    while True:
        generation = current(folder)
        try:
            return read(folder / generation)
        except (StoreError, OSError, RuntimeError, LookupError, TypeError, ValueError) as error:
            if _pointer(folder) not in (None, generation):
                continue
            if isinstance(error, StoreError):
                raise
            if isinstance(error, (LookupError, TypeError, ValueError)):  # whole, and yet not as we write it
                raise IndexOutdated(f"the index in {folder} is of another version; run `qa build`") from error
            raise IndexDamaged(f"the index in {folder} cannot be read ({error}); run `qa build`") from error


def read_manifest(home: Path) -> dict[str, Any]:
    """Return the manifest of the generation in `home`, checked against the generation's name.

    Raises:
        IndexDamaged: the manifest is not what was written.
        IndexOutdated: it was written by another version.
    """
    path = home / _MANIFEST
    try:
        text = path.read_bytes()
        manifest = orjson.loads(text)
        written = manifest["format"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexDamaged(f"{path} is missing or damaged; run `qa build`") from error
    if written != FORMAT:
        raise IndexOutdated(f"the index in {home.parent} has format {written}, not {FORMAT}; run `qa build`")
    if sha256(text).hexdigest()[:16] != home.name:
        raise IndexDamaged(f"{path} is not what was written; run `qa build`")
    return dict(manifest)


def current_manifest(folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the name of the current generation and its manifest; its other files are not looked at.

    Raises:
        StoreError: there is no index, or its pointer or manifest is damaged or of another version.
    """
    return opened(folder, lambda home: (home.name, read_manifest(home)))


def damages(home: Path, manifest: Mapping[str, Any], only: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the name and the damage of each file of a generation that is not what its manifest says.

    `only` names the files to look at, where not all of them matter.
    """
    names = list(only or manifest["files"])

    def damage(name: str) -> str:
        try:
            return _damage(home / name, manifest["files"][name])
        except FileNotFoundError:
            return "is missing"
        except OSError as error:
            return f"cannot be read ({error.strerror})"

    with ThreadPoolExecutor(_READERS) as readers:  # hashing lets other threads run
        for name, found in zip(names, readers.map(damage, names), strict=True):
            if found:
                yield name, found


def _damage(path: Path, told: Mapping[str, Any]) -> str:
    size = path.stat().st_size
    if size != told["bytes"]:
        return f"has {size} bytes instead of {told['bytes']}"
    return "" if _checksum(path) == told["xxh128"] else "is not what was written (checksum)"


def strangers(folder: Path) -> tuple[Path, ...]:
    """Return what lies in the index folder and was not written by a build."""
    own = (_POINTER, _LOCK, _HOLDER, _TAG)
    homes = generations(folder)
    top = [path for path in folder.iterdir() if path.name not in own and path not in homes]
    found = [path for path in top if not path.name.startswith(_DRAFT)]
    for home in homes:
        try:
            listed = {_MANIFEST, *read_manifest(home)["files"]}
        except StoreError:
            continue
        found += [path for path in home.iterdir() if path.name not in listed]
    return tuple(sorted(found))


def checked(home: Path, *only: str) -> dict[str, Any]:
    """Return the manifest of a generation, the files named in `only` (else every one) checked.

    Raises:
        IndexDamaged: a file is not what was written.
        IndexOutdated: the generation is of another version.
    """
    manifest = read_manifest(home)
    for name, damage in damages(home, manifest, only):
        raise IndexDamaged(f"the index in {home.parent} is damaged: {name} {damage}; run `qa build`")
    return manifest
