from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from strategies import texts

from qa.errors import CorpusError
from qa.folding import fold, simplify
from qa.names import Group, Names, merge, mine, pairs, parse_table, shipped, skeleton

TRUMP = Group("Donald Trump", "person", ("Donald Trump", "Trump", "川普", "特朗普"), "shipped")
MISSILE = Group("missile", "term", ("missile", "飛彈", "導彈"), "shipped")
NAMES = Names([TRUMP, MISSILE])


def spelled(text: str, names: Names = NAMES) -> list[tuple[str, str]]:
    return [(mention.group.key, text[mention.start : mention.end]) for mention in names.find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("川普說", [("Donald Trump", "川普")], id="taiwan"),
        pytest.param("特朗普說", [("Donald Trump", "特朗普")], id="hong kong"),
        pytest.param("President donald trump spoke", [("Donald Trump", "donald trump")], id="longest first, any case"),
        pytest.param("Trump's plan", [("Donald Trump", "Trump")], id="possessive"),
        pytest.param("trumpet", [], id="part of a longer word"),
        pytest.param("two missiles", [("missile", "missiles")], id="plural"),
        pytest.param("导弹", [("missile", "导弹")], id="the other script"),
        pytest.param("川普的飛彈", [("Donald Trump", "川普"), ("missile", "飛彈")], id="two groups"),
    ],
)
def test_mentions_in_a_text(text: str, found: list[tuple[str, str]]) -> None:
    assert spelled(text) == found


@pytest.mark.parametrize(
    "spellings",
    [("Zelensky", "Zelenskyy", "Zelenskiy"), ("Yermak", "Yermak"), ("Dmitrii", "Dmitry"), ("García", "Garcia")],
    ids=["zelensky", "equal", "y and ii", "accents"],
)
def test_romanisations_share_a_skeleton(spellings: tuple[str, ...]) -> None:
    assert len({skeleton(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("川普", "特朗普"),
        ("普丁", "普京"),
        ("盧比歐", "魯比奧"),
        ("澤倫斯基", "泽连斯基"),
        ("Zelensky", "澤倫斯基"),
        ("飛彈", "導彈"),
    ],
)
def test_the_shipped_table_joins_what_regions_call_differently(one: str, other: str) -> None:
    names = merge(shipped())
    assert names.find(one)[0].group == names.find(other)[0].group


def mined(*texts: str) -> tuple[Group, ...]:
    given = [pair for text in texts for pair in pairs(text)]
    return mine(given, lambda string: sum(text.count(string) for text in texts))


def test_two_articles_give_one_person_away() -> None:
    taipei = "國務卿梅克倫堡（Anna Mecklen）抵達。梅克倫堡說不急。"
    hong_kong = "國務卿麥卡倫（Anna Mecklen）抵達。麥卡倫說不急。"
    (group,) = mined(taipei, hong_kong)
    assert group.latin == "Anna Mecklen"
    assert set(group.spellings) >= {"Anna Mecklen", "Mecklen", "麥卡倫"}
    assert (group.kind, group.origin) == ("person", "mined")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("沒有括號的盧比歐和盧比歐。", id="no bracket"),
        pytest.param("國際原子能總署（IAEA）說。國際原子能總署又說。", id="an acronym"),
        pytest.param("盧比歐（Marco Rubio）說。", id="named once only"),
    ],
)
def test_what_is_no_pair_is_not_mined(text: str) -> None:
    assert mined(text) == ()


def test_a_latin_name_with_a_bracketed_chinese_one_is_a_pair() -> None:
    (group,) = mined("Marco Rubio (盧比歐) spoke.", "盧比歐發言。")
    assert "盧比歐" in group.spellings


@pytest.mark.parametrize(
    ("table", "groups"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("老張\t張三\n", [("老張", "term", ("老張", "張三"))], id="no header"),
        pytest.param(
            "kind\tlatin\ttw\nperson\tBo Li|Li\t李博\n",
            [("Bo Li", "person", ("Bo Li", "Li", "李博"))],
            id="with a header",
        ),
        pytest.param("# a note\n\n甲\t乙\n", [("甲", "term", ("甲", "乙"))], id="notes and blank lines"),
        pytest.param("\ufeff甲\t乙\r\n", [("甲", "term", ("甲", "乙"))], id="as a spreadsheet saves it"),
        pytest.param("甲\t\t甲|乙\n", [("甲", "term", ("甲", "乙"))], id="empty and repeated cells"),
    ],
)
def test_a_table_of_names(table: str, groups: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert [(g.key, g.kind, g.spellings) for g in parse_table(table, "corpus")] == groups


def test_a_line_with_one_spelling_is_refused_with_its_number() -> None:
    with pytest.raises(CorpusError, match="line 2"):
        parse_table("甲\t乙\n丙\n", "corpus")


def test_merge_joins_groups_that_share_a_spelling() -> None:
    own = Group("老川", "term", ("老川", "川普"), "corpus")
    (group,) = merge([TRUMP], [own]).groups
    assert (group.key, group.kind) == ("Donald Trump", "person")
    assert set(group.spellings) == {*TRUMP.spellings, "老川"}


def test_merge_joins_romanisations_of_one_name() -> None:
    one = Group("Volodymyr Zelensky", "person", ("Volodymyr Zelensky", "澤倫斯基"), "shipped")
    other = Group("Volodymyr Zelenskyy", "person", ("Volodymyr Zelenskyy", "泽连斯基"), "mined")
    assert len(merge([one], [other]).groups) == 1


def test_merge_leaves_strangers_apart() -> None:
    assert merge([TRUMP], [MISSILE]).groups == (TRUMP, MISSILE)


@given(texts)
def test_mentions_lie_inside_and_never_overlap(text: str) -> None:
    spans = [(mention.start, mention.end) for mention in NAMES.find(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


@given(texts)
def test_mentions_are_the_same_in_either_script(text: str) -> None:
    assert NAMES.find(text) == NAMES.find(simplify(text))


@given(texts)
def test_a_mention_is_a_spelling_of_its_group(text: str) -> None:
    for mention in NAMES.find(text):
        folded = fold(text[mention.start : mention.end])
        assert any(folded.removesuffix("s") == fold(s).removesuffix("s") for s in mention.group.spellings)
