from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from qa import AskOptions, Assistant, batch
from qa.batch import Row
from qa.errors import FileError
from qa.evaluate import Gold, Outcome, accepted, auroc, outcome, read_gold, report, run

GOLD = Path(__file__).parent / "gold" / "starter.jsonl"


def told(*, answerable: bool, found: bool, confidence: float, quote: int = 0, passage: int = 0) -> Outcome:
    return Outcome("en", answerable, found, confidence, quote, passage)


@pytest.mark.parametrize(
    ("quote", "ways", "expected"),
    [
        pytest.param("the ceiling is 600,000", (("600,000",),), True, id="one string"),
        pytest.param("the ceiling is 600,000", (("ceiling", "800,000"),), False, id="every string of a way"),
        pytest.param("員額以60萬人為上限", (("600,000",), ("60萬",)), True, id="any way"),
        pytest.param("60萬" + "字" * 240, (("60萬",),), False, id="too long a quote"),
        pytest.param("anything", (), False, id="no way at all"),
    ],
)
def test_a_quote_is_accepted_by_its_words_and_length(
    quote: str, ways: tuple[tuple[str, ...], ...], expected: bool
) -> None:
    assert accepted(quote, ways) is expected


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    assert auroc([0.9, 0.4], [0.5, 0.1]) == 0.75
    assert math.isnan(auroc([], [0.5]))


def test_measures_are_counted_by_hand() -> None:
    every = [
        told(answerable=True, found=True, confidence=0.9, quote=1, passage=1),
        told(answerable=True, found=True, confidence=0.8, quote=3, passage=2),
        told(answerable=True, found=False, confidence=0.2),
        told(answerable=False, found=False, confidence=0.1),
        told(answerable=False, found=True, confidence=0.6),
    ]
    measured = report(every)["all"]
    values = {name: told["value"] for name, told in measured.items() if isinstance(told, dict)}
    assert values == {
        "answer@1": 0.3333,
        "answer@3": 0.6667,
        "answer@5": 0.6667,
        "recall@1": 0.3333,
        "recall@3": 0.6667,
        "recall@5": 0.6667,
        "mrr": 0.5,
        "refusal_precision": 0.5,
        "refusal_recall": 0.5,
        "auroc": 0.8333,
    }


def test_an_interval_holds_its_value_and_is_the_same_each_time() -> None:
    every = [told(answerable=True, found=True, confidence=0.9, quote=place % 3, passage=1) for place in range(30)]
    first, second = report(every)["all"]["answer@1"], report(every)["all"]["answer@1"]
    assert first == second
    assert isinstance(first, dict)
    low, high = first["interval"]
    assert low <= first["value"] <= high


def test_a_question_without_an_answer_has_no_place(assistant: Assistant) -> None:
    gold = Gold("Who won the chess game on the moon?", answerable=False)
    assert outcome(gold, assistant.ask(gold.question)).quote == 0
    assert [each.answerable for each in run(assistant, [gold])] == [False]


def test_reviewed_answers_are_gold_in_every_form(assistant: Assistant, tmp_path: Path) -> None:
    questions = ("How many nurses?", "Is there an opera?", "誰？")
    rows = [Row(question, {"question": question, "answerable": "", "accept": ""}) for question in questions]
    rows[0] = Row(questions[0], {"question": questions[0], "answerable": "yes", "accept": "40 & nurses"})
    rows[1] = Row(questions[1], {"question": questions[1], "answerable": "no", "accept": ""})
    for suffix in (".jsonl", ".csv", ".tsv", ".xlsx"):
        batch.run(assistant, rows, tmp_path / f"a{suffix}", AskOptions(), lambda _: None)
        gold = read_gold(tmp_path / f"a{suffix}")
        assert gold == [Gold(questions[0], True, (("40", "nurses"),)), Gold(questions[1], False)]
    measured = report(run(assistant, gold))["all"]
    values = {name: told["value"] for name, told in measured.items() if isinstance(told, dict)}
    assert (values["answer@3"], values["recall@3"], values["mrr"]) == (1.0, None, None)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("", "no question", id="empty"),
        pytest.param(" \n", "no question", id="blank"),
        pytest.param("not json\n", "line 1", id="not JSON"),
        pytest.param('{"question": "Who?"}\n', "answerable", id="no verdict"),
        pytest.param("[1]\n", "line 1", id="not an object"),
    ],
)
def test_a_bad_gold_file_is_refused_in_one_line(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=part) as refused:
        read_gold(path)
    assert "\n" not in str(refused.value)


def test_the_gold_file_has_near_misses_in_every_script() -> None:
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 90
    for script in ("en", "zh-Hant", "zh-Hans"):
        own = [row["answerable"] for row in rows if row["lang"] == script]
        assert len(own) >= 30
        assert own.count(False) >= len(own) / 3


@pytest.mark.model
def test_quality_on_the_starter_corpus_stays_above_its_floors(bundled: Assistant) -> None:
    measured = report(run(bundled, read_gold(GOLD)))["all"]
    floors = {"answer@1": 0.55, "answer@3": 0.6, "recall@3": 0.92, "mrr": 0.88, "auroc": 0.72}
    for name, floor in floors.items():
        told = measured[name]
        assert isinstance(told, dict)
        assert told["value"] >= floor, name
