"""Files that are ZIP archives inside (DOCX, EPUB), opened with bounds so that a small one cannot fill the memory."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

MAX_UNPACKED = 200 * 2**20  # bytes of all members together
MAX_MEMBER = 40 * 2**20
MAX_MEMBERS = 10_000
MAX_RATIO = 200  # DEFLATE reaches 1,030 on zeros; office files and books stay below 60
_SMALL = 1 << 20  # bytes that are harmless however well they are packed


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive whose sizes were checked before anything in it is unpacked."""

    engine: zipfile.ZipFile

    @classmethod
    def open(cls, data: bytes) -> Archive:
        """Open an archive.

        Raises:
            ValueError: it is broken, encrypted, or unpacks to more than an article can be.
        """
        try:
            engine = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise ValueError("broken: it is not the ZIP archive that a file of this kind is; get it anew") from error
        _check(engine.infolist())
        return cls(engine)

    def names(self) -> frozenset[str]:
        """Return the members' names."""
        return frozenset(self.engine.namelist())

    def read(self, name: str) -> bytes:
        """Return one member, no larger than it says.

        Raises:
            ValueError: it is not there, or broken.
        """
        try:
            with self.engine.open(name) as member:
                data = member.read(MAX_MEMBER + 1)
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise ValueError(f"broken: its part {name!r} cannot be unpacked; get it anew") from error
        if len(data) > MAX_MEMBER:
            raise ValueError(_BOMB)
        return data


_BOMB = f"a part of it unpacks to more than {MAX_MEMBER >> 20} MB; this is no article"


def _check(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise ValueError(f"it holds {len(members):,} files inside; this is no article")
    if any(member.flag_bits & 1 for member in members):
        raise ValueError("encrypted; save it without a password")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise ValueError(f"it unpacks to more than {MAX_UNPACKED >> 20} MB; this is no article")
    for member in members:
        text = member.filename.lower().endswith((".xml", ".rels", ".html", ".xhtml", ".htm", ".opf", ".ncx"))
        if text and member.file_size > MAX_MEMBER:
            raise ValueError(_BOMB)
        if member.file_size > _SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise ValueError(
                f"its part {member.filename!r} is packed more than {MAX_RATIO} times over; this is no article"
            )
