from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts

from qa.folding import fold
from qa.quantities import chinese_value, quantities

_DIGITS = "零一二三四五六七八九"


def found(text: str) -> list[tuple[str, str]]:
    return [(quantity.kind, quantity.key) for quantity in quantities(fold(text))]


@pytest.mark.parametrize(
    ("kind", "key", "spellings"),
    [
        pytest.param(
            "number",
            "600000",
            ["60萬", "60万", "600,000", "600000", "600 thousand", "600k", "六十萬", "六十万", "６０萬", "0.6 million"],
            id="600 thousand",
        ),
        pytest.param(
            "number",
            "100000000000",
            ["1000億", "1000亿", "$100 billion", "$100bn", "100,000,000,000", "一千億"],
            id="100 billion",
        ),
        pytest.param(
            "number",
            "650000000",
            [
                *("6億5000萬", "6亿5000万", "6億5千萬", "6 億 5,000 萬", "6億5,000萬元", "六億五千萬", "6.5億"),
                *("650 million", "$650 million", "650,000,000"),
            ],
            id="650 million",
        ),
        pytest.param("number", "120000000", ["1億2,000萬元", "1亿2000万", "1億2千萬", "120 million"], id="120 million"),
        pytest.param("number", "35000", ["3萬5千", "3万5千", "3萬5000人", "35,000", "35 thousand"], id="35 thousand"),
        pytest.param("number", "35000000", ["3千5百萬", "3500万", "35 million"], id="35 million"),
        pytest.param("number", "105000000", ["1億零500萬", "1亿500万", "105 million"], id="105 million"),
        pytest.param("number", "12345", ["1萬2345", "12,345"], id="units of one"),
        pytest.param(
            "number", "1500000000000", ["1.5万亿", "1萬5000億", "1兆5000億", "1.5 trillion"], id="1.5 trillion"
        ),
        pytest.param("number", "28", ["28", "二十八", "twenty-eight"], id="28"),
        pytest.param("number", "3", ["three"], id="a number word"),
        pytest.param("number", "1500000", ["1.5 million", "150萬", "150万", "1,500,000"], id="1.5 million"),
        pytest.param("number", "2000000000000", ["2兆", "2 trillion", "2,000,000,000,000"], id="2 trillion"),
        pytest.param("number", "800", ["800", "eight hundred", "八百"], id="800"),
        pytest.param(
            "share",
            "50",
            ["50%", "50 percent", "50 per cent", "百分之五十", "百分之50", "一半", "half", "５０％"],
            id="a half",
        ),
        pytest.param("share", "33.3", ["三分之一", "one third", "one-third"], id="a third"),
        pytest.param("share", "66.7", ["三分之二", "two thirds"], id="two thirds"),
        pytest.param(
            "date",
            "11-27",
            [
                "11月27日",
                "11月27號",
                "11 月 27 日",
                "November 27",
                "27 November",
                "27th of November",
                "Nov. 27",
                "Nov 27th",
                "2025-11-27",
                "11/27",
            ],
            id="27 November",
        ),
        pytest.param("day", "27", ["27日", "27號"], id="a day alone"),
        pytest.param(
            "clause",
            "19",
            [
                "第19點",
                "第19点",
                "第十九條",
                "第 19 項",
                "point 19",
                "Clause 19",
                "article nineteen",
                "the 19th point",
                "point no. 19",
            ],
            id="clause 19",
        ),
        pytest.param("clause", "3", ["第三條", "third clause", "point three"], id="clause 3"),
    ],
)
def test_spellings_of_one_value_are_one_key(kind: str, key: str, spellings: list[str]) -> None:
    assert {spelling: found(spelling) for spelling in spellings} == {spelling: [(kind, key)] for spelling in spellings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("no numbers here", [], id="words only"),
        pytest.param("第13/45頁", [("number", "13"), ("number", "45")], id="no such date"),
        pytest.param("13月40日", [("number", "13"), ("number", "40")], id="no such month and day"),
        pytest.param("80萬到85萬人", [("number", "800000"), ("number", "850000")], id="a range"),
        pytest.param("a1b2", [], id="digits inside words"),
        pytest.param("May 2025", [("number", "2025")], id="a month and a year"),
        pytest.param("一個人", [], id="a lone chinese digit is an article"),
    ],
)
def test_quantities_of_a_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("零", 0),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("兩百", 200),
        ("一千零五", 1005),
        ("三千五百萬", 35_000_000),
        ("一億二千萬", 120_000_000),
        ("一萬億", 10**12),
        ("二〇二五", 2025),
        ("萬", 10_000),
    ],
)
def test_chinese_value(numeral: str, value: int) -> None:
    assert chinese_value(numeral) == value


@given(st.integers(min_value=1, max_value=99_999))
def test_a_count_of_ten_thousands_is_the_same_in_every_spelling(count: int) -> None:
    value = count * 10_000
    spellings = (f"{count}萬", f"{count}万", f"{value:,}", str(value), f"{count * 10} thousand", f"{count}萬人")
    assert {key for spelling in spellings for _, key in found(spelling)} == {str(value)}


@given(st.integers(min_value=1, max_value=999), st.integers(min_value=1, max_value=9999))
def test_a_value_in_parts_is_the_same_in_every_script(hundreds_of_millions: int, ten_thousands: int) -> None:
    value = hundreds_of_millions * 10**8 + ten_thousands * 10**4
    spellings = (
        f"{hundreds_of_millions}億{ten_thousands}萬",
        f"{hundreds_of_millions}亿{ten_thousands}万",
        f"{hundreds_of_millions} 億 {ten_thousands:,} 萬元",
        f"{Decimal(value) / 10**6:f} million",
        f"{value:,}",
    )
    assert [found(spelling) for spelling in spellings] == [[("number", str(value))]] * len(spellings)


@given(st.integers(min_value=0, max_value=9999))
def test_chinese_numerals_read_as_they_are_written(value: int) -> None:
    assert chinese_value("".join(_DIGITS[int(digit)] for digit in str(value))) == value


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("5萬6萬", ["50000", "60000"]),
        ("60萬，80萬", ["600000", "800000"]),
        ("3萬 2025年", ["30000", "2025"]),
        ("增至3萬2025年", ["30000", "2025"]),
        ("3萬5千萬", ["30000", "50000000"]),
    ],
)
def test_figures_beside_one_another_stay_two(text: str, keys: list[str]) -> None:
    assert found(text) == [("number", key) for key in keys]


@pytest.mark.parametrize(
    "text",
    ["百分之" + "一" * 6000, "1" * 6000 + "萬5千", "1" * 1_100_000, "1" * 1_100_000 + "%", "1" * 9000 + " " * 9000],
    ids=lambda text: f"{text[:4]}-{text[-2:]}",
)
def test_endless_figures_are_borne(text: str) -> None:
    assert len(found(text)) < 3


@given(texts)
def test_quantities_lie_inside_and_never_overlap(text: str) -> None:
    folded = fold(text)
    spans = sorted((quantity.start, quantity.end) for quantity in quantities(folded))
    assert all(0 <= start < end <= len(folded) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
