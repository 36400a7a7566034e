"""Rebuild when sources change: quietly, after a pause in the changes, one build at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from qa.errors import CorpusError, QAError

if TYPE_CHECKING:
    from qa.build import Report

PAUSE = 2000  # milliseconds without a change before a build: an editor saves in several steps
_IDLE = 5000  # milliseconds after which a build that failed is tried again


def watch(
    corpus: Path,
    index: Path,
    rebuild: Callable[[], Report],
    tell: Callable[[Report | QAError], None],
    *,
    pause: int = PAUSE,
    stop: Event | None = None,
) -> None:
    """Call `rebuild` now and whenever something below `corpus` changes, until `stop` is set.

    `tell` hears of every build that changed something, and once of every way in which one failed; a failed
    build is tried again. What changes during a build leads to one more.

    Raises:
        CorpusError: there is no such folder, or the system cannot watch it.
    """
    failed = ""
    due = True
    for changed in _changes(corpus, index, pause, stop):
        if not (due or changed):
            continue
        try:
            report = rebuild()
        except QAError as error:
            if str(error) != failed:
                tell(error)
            due, failed = True, str(error)
            continue
        due, failed = False, ""
        if report.added or report.changed or report.removed or report.moved:
            tell(report)


def _changes(corpus: Path, index: Path, pause: int, stop: Event | None) -> Iterator[bool]:
    """Yield False at once and when nothing happens, True after changes; they are gathered while the caller works."""
    from watchfiles import watch as events

    apart = index.resolve()

    def is_source(_: object, path: str) -> bool:
        place = Path(path)
        return not place.name.startswith((".", "~$")) and not place.resolve().is_relative_to(apart)

    try:
        yield from (
            bool(found)
            for found in events(
                corpus,
                watch_filter=is_source,
                debounce=4 * pause,
                step=pause,
                rust_timeout=_IDLE if stop is None else 200,
                yield_on_timeout=True,
                stop_event=stop,
            )
        )
    except (FileNotFoundError, OSError) as error:
        raise CorpusError(f"cannot watch {corpus} ({error}); name a folder with --corpus") from error
