from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from strategies import texts

from qa.clean import blocks, clause_number, kind_of
from qa.records import Block, Kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param("大橋三月一日通車，工程前後四年。", "prose", id="chinese prose"),
        pytest.param("The bridge was opened on 1 March.", "prose", id="english prose"),
        pytest.param("他說：「這座橋等了四年。」", "prose", id="prose ending in a quotation"),
        pytest.param("1. Ukraine's sovereignty is confirmed.", "clause", id="english clause"),
        pytest.param("6.烏軍以60萬人為限。", "clause", id="chinese clause"),
        pytest.param("12、雙方交換戰俘。", "clause", id="clause with a chinese mark"),
        pytest.param("第二十一條：領土。", "clause", id="clause in words"),
        pytest.param("Point 3: NATO stays out.", "clause", id="english clause in words"),
        pytest.param("1.5 million people were moved.", "prose", id="a decimal is no clause"),
        pytest.param("大橋通車　渡輪停航", "heading", id="chinese heading"),
        pytest.param("## What the plan says", "heading", id="markdown heading"),
        pytest.param("美方怎麼說？", "heading", id="a question as heading"),
        pytest.param("四條新規如下：", "heading", id="a line that opens a list"),
        pytest.param("▲大橋夜景。（圖／河口日報）", "caption", id="marked caption"),
        pytest.param("圖為大橋夜景。", "caption", id="caption by its words"),
        pytest.param("大橋夜景。（路透社）", "caption", id="caption by its credit"),
        pytest.param("Photo: the bridge at night.", "caption", id="english caption"),
        pytest.param("The bridge at night (Reuters)", "caption", id="english credit"),
        pytest.param("記者周小梅／綜合報導", "furniture", id="chinese byline"),
        pytest.param("By Nora Quist", "furniture", id="english byline"),
        pytest.param("By the river Tern the fields lie under water this week.", "prose", id="by as a preposition"),
        pytest.param("分享", "furniture", id="share button"),
        pytest.param("延伸閱讀", "furniture", id="related articles"),
        pytest.param("Read more", "furniture", id="english link"),
        pytest.param("首頁 | 國際 | 財經 | 體育 | 娛樂", "furniture", id="chinese menu"),
        pytest.param("Home | World | Business | Sport", "furniture", id="english menu"),
        pytest.param("烏克蘭俄羅斯和平計畫川普普丁澤倫斯基北約歐盟核電廠", "furniture", id="tags run together"),
        pytest.param("——————", "furniture", id="a rule"),
        pytest.param("", "furniture", id="nothing"),
    ],
)
def test_a_line_is_of_one_kind(line: str, kind: str) -> None:
    assert kind_of(line).value == kind


@pytest.mark.parametrize(
    ("line", "number"),
    [
        pytest.param("19.核電廠", 19, id="digits"),
        pytest.param("  3) Elections", 3, id="bracket"),
        pytest.param("第二十一條：領土", 21, id="chinese numeral"),
        pytest.param("Clause 7: NATO", 7, id="english"),
        pytest.param("1.5 million", None, id="decimal"),
        pytest.param("2025 was a long year.", None, id="year"),
        pytest.param("核電廠", None, id="no number"),
    ],
)
def test_a_clause_is_numbered(line: str, number: int | None) -> None:
    assert clause_number(line) == number


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.span.of(text).strip()) for block in blocks(text)]


def test_a_date_head_is_apart_from_the_headline_behind_it() -> None:
    assert kinds("date 2025-06-18\u3000暴風過境") == [("furniture", "date 2025-06-18"), ("heading", "暴風過境")]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param("\u3014中央社記者周小梅台北十八日電\u3015暴風過境。", None, id="other brackets"),
        pytest.param("（中央社台北18日電）暴風過境，小島停電。", "（中央社台北18日電）", id="chinese"),
        pytest.param("TERN BAY (Reuters) - The storm has passed.", "TERN BAY (Reuters) -", id="english"),
    ],
)
def test_an_agency_tag_is_apart_from_its_sentence(text: str, tag: str | None) -> None:
    found = kinds(text)
    assert found[-1][0] == "prose"
    assert [words for kind, words in found if kind == "furniture"] == ([tag] if tag else [])


def test_a_line_that_ends_in_a_colon_opens_what_follows() -> None:
    opener, *rest = blocks("10. The conditions are:\nFirst, the guns fall silent.\n")
    assert (opener.kind, opener.clause, opener.opens) == (Kind.CLAUSE, 10, True)
    assert not any(block.opens for block in rest)


def test_blank_lines_are_no_blocks() -> None:
    assert blocks("\n\n  \n\u3000\n") == ()


@given(texts)
def test_blocks_are_in_order_inside_the_text(text: str) -> None:
    found = blocks(text)
    assert all(0 <= block.span.start < block.span.end <= len(text) for block in found)
    assert all(one.span.end <= other.span.start for one, other in pairwise(found))


@given(texts)
def test_blocks_lose_nothing_but_white_space(text: str) -> None:
    def outside(found: tuple[Block, ...]) -> str:
        bounds = [0, *(place for block in found for place in (block.span.start, block.span.end)), len(text)]
        return "".join(text[bounds[place] : bounds[place + 1]] for place in range(0, len(bounds), 2))

    assert not outside(blocks(text)).strip()


@given(texts)
def test_a_block_never_crosses_a_line(text: str) -> None:
    assert not any("\n" in block.span.of(text) for block in blocks(text))
