"""Ask a folder of English and Chinese news articles; get the quotes that answer.

from pathlib import Path
from qa import Assistant, build

build(Path("corpus"), Path("index"))
answer = Assistant.open(Path("index")).ask("札波羅熱核電廠由誰監督？")
"""

from qa.assistant import Assistant
from qa.build import Report, build, status
from qa.embed import Encoder, Progress
from qa.errors import QAError
from qa.options import AskOptions, Filters
from qa.records import Answer, Article, Citation

__all__ = [
    "Answer",
    "Article",
    "AskOptions",
    "Assistant",
    "Citation",
    "Encoder",
    "Filters",
    "Progress",
    "QAError",
    "Report",
    "build",
    "status",
]
