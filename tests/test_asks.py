from __future__ import annotations

import pytest

from qa.asks import asked_for, figures_missing, hangs, holds
from qa.folding import simplify
from qa.names import Group, Names

NAMES = Names(
    [
        Group("Karin Lindqvist", "person", ("Karin Lindqvist", "林奎斯特"), "mined"),
        Group("Geneva", "place", ("Geneva", "日內瓦"), "shipped"),
    ]
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        pytest.param("How many nurses are missing?", "number", id="how many"),
        pytest.param("烏軍人數上限是多少？", "number", id="多少"),
        pytest.param("What percentage voted?", "number", id="percentage"),
        pytest.param("有幾位護士離職？", "number", id="幾位"),
        pytest.param("When does the ferry stop?", "date", id="when"),
        pytest.param("渡輪何時停航？", "date", id="何時"),
        pytest.param("什么时候停航？", "date", id="什么时候"),
        pytest.param("Who designed the bridge?", "person", id="who"),
        pytest.param("大橋由誰設計？", "person", id="誰"),
        pytest.param("Where did they meet?", "place", id="where"),
        pytest.param("會談在哪裡舉行？", "place", id="哪裡"),
        pytest.param("What does the plan say?", None, id="an account"),
        pytest.param("計畫說了什麼？", None, id="an account in chinese"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_what_a_question_asks_for(question: str, kind: str | None) -> None:
    assert asked_for(question) == kind


@pytest.mark.parametrize("question", ["烏軍人數上限是多少？", "渡輪何時停航？", "大橋由誰設計？", "會談在哪裡舉行？"])
def test_both_scripts_ask_for_the_same(question: str) -> None:
    assert asked_for(question) == asked_for(simplify(question))


@pytest.mark.parametrize(
    ("kind", "text", "held"),
    [
        pytest.param("number", "烏軍限60萬人", True, id="a number"),
        pytest.param("number", "The army stays as it is", False, id="no number"),
        pytest.param("date", "11月27日前簽署", True, id="a date"),
        pytest.param("date", "by 27 November", True, id="an english date"),
        pytest.param("date", "The bridge is long", False, id="no date"),
        pytest.param("person", "大橋由林奎斯特設計", True, id="a person by name"),
        pytest.param("person", "the minister said so", True, id="a person by office"),
        pytest.param("person", "the fog was thick", False, id="nobody"),
        pytest.param("place", "會談在日內瓦舉行", True, id="a place"),
        pytest.param("place", "the talks went on", False, id="nowhere"),
    ],
)
def test_what_a_text_holds(kind: str, text: str, held: bool) -> None:
    assert holds(kind, text, NAMES) == held  # type: ignore[arg-type]  # the table spells the literals


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        pytest.param("And under the European one?", False, id="a part of a sentence"),
        pytest.param("And how many under the European one?", False, id="one without its noun"),
        pytest.param("And what about its cost?", False, id="its"),
        pytest.param("What about the ferry?", True, id="a noun to look for"),
        pytest.param("And what about Geneva?", True, id="a name to look for"),
        pytest.param("And who designed it?", False, id="it"),
        pytest.param("Who said that?", False, id="that"),
        pytest.param("Why?", False, id="a bare question word"),
        pytest.param("那它的造價呢？", False, id="那它"),
        pytest.param("那這個呢？", False, id="這個"),
        pytest.param("那麼渡輪呢？", True, id="a noun to look for in chinese"),
        pytest.param("它的造價是多少？", False, id="它"),
        pytest.param("那由誰監督？", False, id="那 and one word"),
        pytest.param("為什麼？", False, id="為什麼"),
        pytest.param("Who designed the bridge?", True, id="whole"),
        pytest.param("So what is NATO?", True, id="a name of its own"),
        pytest.param("那林奎斯特是誰？", True, id="a name of its own in chinese"),
        pytest.param("那會談在哪裡舉行？", True, id="content of its own"),
        pytest.param("And is the ferry back in service this month?", True, id="a sentence of its own"),
        pytest.param("大橋由誰設計？", True, id="whole in chinese"),
        pytest.param("How many soldiers may Ukraine have?", True, id="whole with a name"),
    ],
)
def test_a_question_that_cannot_stand_alone_is_told(question: str, alone: bool) -> None:
    assert hangs(question, NAMES) is not alone
    assert hangs(simplify(question), NAMES) is not alone


@pytest.mark.parametrize(
    ("question", "quote", "missing"),
    [
        pytest.param("How many nurses left?", "Forty nurses left.", False, id="a number"),
        pytest.param("有幾位護士離職？", "護士離職了。", True, id="none in chinese"),
        pytest.param("How many of the 28 points changed?", "The 28 points changed.", True, id="the question's own"),
        pytest.param("渡輪何時停航？", "渡輪3月2日停航。", False, id="a date"),
        pytest.param("When was it founded?", "It was founded in 1849.", False, id="a year"),
        pytest.param("When did the 40 nurses leave?", "The 300 nurses left.", True, id="a number is no date"),
        pytest.param("Who designed it?", "An architect did.", False, id="no figure asked for"),
    ],
)
def test_a_figure_that_is_asked_for_is_missed(question: str, quote: str, missing: bool) -> None:
    assert figures_missing(question, [quote]) is missing
