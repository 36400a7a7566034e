"""How a corpus has moved on: which articles are new, changed, gone or renamed, by their digests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """Names of articles; one whose file was only renamed is `moved` (old name, new name), not removed and added."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    unchanged: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.moved)


def compare(before: dict[str, str], after: dict[str, str]) -> Change:
    """Tell which names are new, gone, renamed, or have another digest.

    >>> compare({"a": "1", "b": "2"}, {"a": "1", "c": "2", "d": "3"})
    Change(added=('d',), changed=(), removed=(), moved=(('b', 'c'),), unchanged=1)
    """
    added, removed = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    moved = _moved(before, after, removed, added)
    return Change(
        added=tuple(name for name in added if name not in moved.values()),
        changed=tuple(name for name in sorted(after) if name in before and before[name] != after[name]),
        removed=tuple(name for name in removed if name not in moved),
        moved=tuple(moved.items()),
        unchanged=sum(before.get(name) == digest for name, digest in after.items()),
    )


def _moved(before: dict[str, str], after: dict[str, str], gone: list[str], new: list[str]) -> dict[str, str]:
    """Map each name that is gone to the new name that the same article has, one to one."""
    free: dict[str, list[str]] = {}
    for name in reversed(new):
        free.setdefault(after[name], []).append(name)
    return {name: free[before[name]].pop() for name in gone if free.get(before[name])}
