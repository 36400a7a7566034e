"""Files that are whole or not there: synced to the disk, put in place in one step, written by one run at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qa.errors import FileError


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the right to write `path`; the system lets it go when the process dies, whatever file it leaves behind.

    Raises:
        FileError: another run holds it, or its folder cannot be written.
    """
    from filelock import FileLock, Timeout

    mark = path.with_name(f".{path.name}.lock")
    held = FileLock(mark, timeout=0)
    try:
        held.acquire()
    except Timeout as error:
        raise FileError(f"{path}: another run is writing it; wait for it to end, or choose another name") from error
    except (OSError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(f"{path}: cannot be written ({reason}); choose another place") from error
    try:
        yield
    finally:
        with suppress(OSError):  # some systems keep a file that is open: it locks nothing once we are gone
            mark.unlink(missing_ok=True)  # while it is held: whoever waits for it sees that it is gone, and makes anew
        held.release()


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a draft to write that takes the name `path`, synced to the disk, when it is complete.

    Raises:
        FileError: it cannot be written; what was there before stands.
    """
    draft = path.with_name(f".{path.name}.new")
    try:
        yield draft
        sync(draft)
        draft.replace(path)
        sync(path.parent)
    except OSError as error:
        raise FileError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
    finally:
        with suppress(OSError):  # the folder is gone or read-only: the reason is told above
            draft.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Bring a file or folder to the disk, where the system can.

    Raises:
        OSError: the disk failed.
    """
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
