"""What the tests share: an encoder computed on paper, a small invented corpus, and the index built of both."""

from __future__ import annotations

import math
import re
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qa import Assistant, build
from qa.folding import fold
from qa.language import language_of

# A shell that runs us in the background has Ctrl-C ignored, also by the programs that are started and stopped here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A concept is one axis, whichever language names it; a text's vector is the sum of the axes it names and of the
# axis of its language, at length 1. So the cosine of two texts is (concepts in common + same language) divided by
# the root of the product of (1 + concepts) of either.
CONCEPTS: dict[str, str] = {
    "bridge": r"\bbridges?\b|桥",
    "design": r"\bdesign(?:s|ed|er)?\b|\barchitect\b|设计|建筑师",
    "cost": r"\bcosts?\b|\bprice\b|造价|费用|花了",
    "ferry": r"\bferry\b|渡轮",
    "library": r"\blibrar(?:y|ies)\b|图书馆",
    "book": r"\bbooks?\b|书(?!馆|包)",
    "hospital": r"\bhospitals?\b|医院",
    "nurse": r"\bnurses?\b|护士",
    "storm": r"\bstorms?\b|暴风",
    "island": r"\bislands?\b|小岛",
    "fish": r"\bfish(?:ing|ermen)?\b|渔",
    "school": r"\bschools?\b|学校",
    "child": r"\bchild(?:ren)?\b|孩子|学童",
    "many": r"\bhow (?:many|much)\b|多少|几",
    "who": r"\bwho\b|谁",
    "when": r"\bwhen\b|何时|什么时候",
    "where": r"\bwhere\b|哪里",
    "why": r"\bwhy\b|为什么",
}
AXES = ("en", "zh", *CONCEPTS)

ARTICLES: dict[str, str] = {
    "en/bridge.md": """---
title: Alder Bridge opens after four years
date: 2025-03-01
outlet: Harbour Post
language: en
url: https://harbour.example/bridge
---

By Nora Quist

The Alder Bridge was opened to traffic on 1 March. It took four years to build.

The bridge was designed by the architect Karin Lindqvist. The bridge cost $600 million, twice the first estimate.

The ferry that has crossed the river since 1921 makes its last trip on 30 March.
""",
    "en/echo.md": """---
title: Auditors count again
date: 2025-03-20
outlet: Valley Echo
language: en
---

The bridge cost $650 million, the auditors now say. Nobody at the town hall would comment.
""",
    "en/hospital.md": """---
title: Hospital looks for nurses
date: 2025-05-05
outlet: Harbour Post
language: en
---

The hospital in Tern Bay is short of 40 nurses, its director said on Monday. Two wards stay shut at night.

The town offers every new nurse a flat for three years. Patients from the outer valley wait nine weeks.
""",
    "tw/bridge.md": """---
title: 赤楊大橋通車
date: 2025-03-02
outlet: 河口日報
language: zh-Hant
---

記者周小梅／綜合報導

▲赤楊大橋夜景。（圖／河口日報）

赤楊大橋三月一日通車，工程前後四年。

大橋由建築師林奎斯特（Karin Lindqvist）設計，造價6億美元，是最初估計的兩倍。林奎斯特說，河上的霧給了她靈感。

1921年起往返兩岸的渡輪，3月30日開出最後一班。
""",
    "tw/storm.txt": """date 2025-06-18
暴風過境　三座小島停電

暴風十七日夜裡掃過外海，三座小島停電一整晚。漁民提前收網，沒有人受傷。

島上的學校停課兩天，學童改到教堂上課。
""",
    "cn/library.md": """---
title: 市图书馆九月换新规
date: 2025-04-10
outlet: 南岸晚报
language: zh-Hans
---

市图书馆公布四条新规，九月起实行：

1. 每位读者最多可借12本书。
2. 逾期的书每天收费五角。
3. 周日上午十点开门。
4. 儿童阅览室谢绝食物。

馆长说，新规听取了八百位读者的意见。
""",
    "undated.txt": """Lighthouse painted white

The lighthouse on Gull Rock was painted white last week. Volunteers carried the paint across the sand at low tide.
""",
}


@dataclass(frozen=True)
class ConceptEncoder:
    """The table above as an encoder; `seen` lists every text it was given."""

    fingerprint: str = "concepts-1"
    seen: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(AXES)

    def vector(self, text: str) -> NDArray[np.float32]:
        folded = fold(text)
        named = [language_of(text), *(name for name, pattern in CONCEPTS.items() if re.search(pattern, folded))]
        row = np.array([axis in named for axis in AXES], np.float32)
        return np.asarray(row / math.sqrt(len(named)), np.float32)

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen.extend(texts)
        return np.array([self.vector(text) for text in texts], np.float32).reshape(-1, self.width)

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts)

    def encode_passages(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if progress:
            progress(len(texts))
        return self._encode(texts)


def write_articles(folder: Path, articles: dict[str, str]) -> Path:
    for name, text in articles.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def encoder() -> ConceptEncoder:
    return ConceptEncoder()


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `corpus` and `index`; tests read it and never write there."""
    home = tmp_path_factory.mktemp("built")
    build(write_articles(home / "corpus", ARTICLES), home / "index", encoder=ConceptEncoder())
    return home


@pytest.fixture(scope="session")
def built_corpus(_built: Path) -> Path:
    return _built / "corpus"


@pytest.fixture(scope="session")
def built_index(_built: Path) -> Path:
    return _built / "index"


@pytest.fixture
def corpus(tmp_path: Path, built_corpus: Path) -> Path:
    """A copy of the corpus to change."""
    return Path(shutil.copytree(built_corpus, tmp_path / "corpus"))


@pytest.fixture
def index(tmp_path: Path, built_index: Path) -> Path:
    """A copy of the index to change or to damage."""
    return Path(shutil.copytree(built_index, tmp_path / "index"))


@pytest.fixture(scope="session")
def assistant(built_index: Path) -> Assistant:
    return Assistant.open(built_index, encoder=ConceptEncoder())


@pytest.fixture(scope="session")
def bundled_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter corpus under the bundled model, for tests marked `model`."""
    folder = tmp_path_factory.mktemp("bundled") / "index"
    build(Path(__file__).parents[1] / "corpus", folder)
    return folder


@pytest.fixture(scope="session")
def bundled(bundled_index: Path) -> Assistant:
    return Assistant.open(bundled_index)
