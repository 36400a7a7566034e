"""Everything that can go wrong for a user, as a tree of exceptions.

QAError
├── CorpusError         the folder of articles cannot be used
│   └── SourceError     one file cannot be read as articles: skipped and reported
├── StoreError          the index cannot be used
│   ├── IndexMissing
│   ├── IndexDamaged
│   ├── IndexOutdated
│   └── IndexBusy
├── ModelError          the encoder cannot be loaded or does not fit the index
├── QuestionError       a question that cannot be asked
├── LimitError          a client asks more of the server than its share
├── LoginError          a password is wrong
└── FileError           a file of questions or answers cannot be read or written

A message is one line: what happened, with what, and what to do next.
"""

from __future__ import annotations


class QAError(Exception):
    """A failure that the user can understand and mend."""


class CorpusError(QAError):
    """The folder of articles is missing, empty or unreadable."""


class SourceError(CorpusError):
    """One file cannot be read as articles; the build goes on without it."""


class StoreError(QAError):
    """The index cannot be used."""


class IndexMissing(StoreError):
    """There is no index yet."""


class IndexDamaged(StoreError):
    """A file of the index is missing, truncated or altered."""


class IndexOutdated(StoreError):
    """The index was written by another version or with another model."""


class IndexBusy(StoreError):
    """Another build holds the lock."""


class ModelError(QAError):
    """The encoder cannot be loaded."""


class QuestionError(QAError):
    """The question is too long or otherwise cannot be asked."""


class LimitError(QAError):
    """A client of the server has had its share for now."""


class LoginError(QAError):
    """The password for changing articles is wrong."""


class FileError(QAError):
    """A file of questions, answers or gold cannot be read or written."""
