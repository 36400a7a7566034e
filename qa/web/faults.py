"""What went wrong, told to a reader of a page: without the server's folders, and in the page's language.

What only whoever runs the server can mend is told by its kind, and so is a sentence that `qa.faults` does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qa import errors
from qa.errors import QAError
from qa.faults import translated
from qa.records import Script
from qa.web.words import LANGUAGES

# What is said where no sentence of the table fits; the terminal has the English line.
KINDS: Mapping[type[QAError], tuple[str, str, str]] = {
    QAError: (
        "this could not be done; the server's terminal tells more",
        "無法完成這項操作，詳情請看伺服器的終端機",
        "无法完成这项操作，详情请看服务器的终端",
    ),
    errors.CorpusError: (
        "the folder of articles cannot be used; the server's terminal tells more",
        "報導資料夾無法使用，詳情請看伺服器的終端機",
        "报道文件夹无法使用，详情请看服务器的终端",
    ),
    errors.SourceError: (
        "the file cannot be read as an article",
        "這個檔案無法當作報導讀取",
        "这个文件无法作为报道读取",
    ),
    errors.StoreError: (
        "the index cannot be used; the server's terminal tells more",
        "索引無法使用，詳情請看伺服器的終端機",
        "索引无法使用，详情请看服务器的终端",
    ),
    errors.IndexMissing: (
        "there is no index yet; run `qa build`",
        "還沒有索引，請執行 qa build",
        "还没有索引，请运行 qa build",
    ),
    errors.IndexDamaged: (
        "the index is damaged; run `qa build`",
        "索引已損壞，請執行 qa build 重建",
        "索引已损坏，请运行 qa build 重建",
    ),
    errors.IndexOutdated: (
        "the index is of another version or model; run `qa build`",
        "索引的版本或模型不符，請執行 qa build 重建",
        "索引的版本或模型不符，请运行 qa build 重建",
    ),
    errors.IndexBusy: (
        "another build is under way; wait for it, then try again",
        "另一個程序正在建立索引，請等它完成後再試",
        "另一个程序正在建立索引，请等它完成后再试",
    ),
    errors.ModelError: (
        "the language model cannot be loaded; the server's terminal tells more",
        "無法載入語言模型，詳情請看伺服器的終端機",
        "无法加载语言模型，详情请看服务器的终端",
    ),
    errors.QuestionError: (
        "this question cannot be asked",
        "無法這樣提問",
        "无法这样提问",
    ),
    errors.LimitError: (
        "that is too much at once; try again in a minute",
        "要求太頻繁，請一分鐘後再試",
        "请求太频繁，请一分钟后再试",
    ),
    errors.LoginError: (
        "the password is wrong",
        "密碼不正確",
        "密码不正确",
    ),
    errors.FileError: (
        "the file cannot be read or written",
        "這個檔案無法讀取或寫入",
        "这个文件无法读取或写入",
    ),
}
_BY_KIND = (errors.StoreError, errors.ModelError)  # in Chinese always told by kind

# The library speaks of options of the command line, a page has none; and of the server's folders.
_FOR_A_PAGE = (
    (re.compile(r"--(?=since|until|top|threshold)"), ""),
    (re.compile(r"with --column"), "'question'"),
    (re.compile(r"(?<![\w:/])/(?:[^\s/:]+/)+(?=[^\s/])"), ""),
)


def in_words(error: QAError | str, language: Script) -> str:
    """Return what an error says in a language, without the server's folders.

    >>> in_words("q.csv: the file is empty", "zh-Hant")
    'q.csv：檔案是空的'
    """
    text = str(error)
    for what, instead in _FOR_A_PAGE:
        text = what.sub(instead, text)
    if language == "en":
        return text
    found = None if isinstance(error, _BY_KIND) else translated(text, language)
    return found or _by_kind(error)[LANGUAGES.index(language)]


def _by_kind(error: QAError | str) -> tuple[str, str, str]:
    known = (KINDS[kind] for kind in type(error).__mro__ if issubclass(kind, QAError) and kind in KINDS)
    return next(known, KINDS[QAError])
