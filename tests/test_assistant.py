from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ConceptEncoder

from qa import Answer, AskOptions, Assistant, Filters
from qa.errors import IndexMissing, IndexOutdated, QuestionError
from qa.options import MAX_QUESTION

SCRIPTS = [
    pytest.param(("Who designed the bridge?", "大橋由誰設計？", "大桥由谁设计？"), id="who"),
    pytest.param(("How much did the bridge cost?", "大橋的造價是多少？", "大桥的造价是多少？"), id="how much"),
]


def first(answer: Answer) -> tuple[str, str]:
    return answer.citations[0].article.name, answer.citations[0].quote


@pytest.mark.parametrize("questions", SCRIPTS)
def test_a_question_finds_the_same_in_either_chinese_script(
    assistant: Assistant, questions: tuple[str, str, str]
) -> None:
    hant, hans = assistant.ask_all(questions[1:])
    assert (hant.language, hans.language) == ("zh-Hant", "zh-Hans")
    assert [(c.article.name, c.span, c.score) for c in hant.citations] == [
        (c.article.name, c.span, c.score) for c in hans.citations
    ]
    assert hant.confidence == hans.confidence


@pytest.mark.parametrize("questions", SCRIPTS)
def test_a_question_finds_both_languages_from_either(assistant: Assistant, questions: tuple[str, str, str]) -> None:
    for answer in assistant.ask_all(questions):
        assert {"en/bridge.md", "tw/bridge.md"} <= {citation.article.name for citation in answer.citations[:3]}


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        pytest.param(Filters(outlet="河口日報"), {"tw/bridge.md"}, id="outlet"),
        pytest.param(Filters(outlet="harbour post"), {"en/bridge.md"}, id="outlet in another case"),
        pytest.param(Filters(language="zh"), {"tw/bridge.md"}, id="chinese"),
        pytest.param(Filters(language="en"), {"en/bridge.md", "en/echo.md"}, id="english"),
        pytest.param(Filters(until="2025-03-01"), {"en/bridge.md"}, id="until, inclusive"),
        pytest.param(Filters(since="2025-03-02", until="2025-03-20"), {"tw/bridge.md", "en/echo.md"}, id="a range"),
    ],
)
def test_filters_bound_what_may_answer(assistant: Assistant, filters: Filters, names: set[str]) -> None:
    answer = assistant.ask("Who designed the bridge?", AskOptions(filters=filters))
    assert answer.found
    assert {citation.article.name for citation in answer.citations} <= names
    assert {passage.article.name for passage in answer.consulted if passage.article.name.endswith("bridge.md")} <= names


@pytest.mark.parametrize(
    "filters",
    [Filters(since="2030-01-01"), Filters(outlet="Nobody's Gazette"), Filters(since="2025-05-01", language="en")],
    ids=["no article", "no such outlet", "other articles"],
)
def test_a_filter_that_leaves_no_answer_says_so(assistant: Assistant, filters: Filters) -> None:
    answer = assistant.ask("How much did the bridge cost?", AskOptions(filters=filters))
    assert (answer.found, answer.reason) == (False, "outside_filters")


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        pytest.param("Who is Boris Johnson?", ("Boris Johnson",), id="a person of the table"),
        pytest.param("What did Xanthippe design?", ("Xanthippe",), id="a name nobody knows"),
        pytest.param("普丁何時訪問小島？", ("普丁",), id="a chinese name"),
    ],
)
def test_a_name_that_the_corpus_never_mentions_is_told(
    assistant: Assistant, question: str, missing: tuple[str, ...]
) -> None:
    answer = assistant.ask(question)
    assert (answer.found, answer.reason, answer.missing) == (False, "name_not_in_corpus", missing)


@pytest.mark.parametrize("question", ["What is the boiling point of water?", "水的沸點是多少？", "水的沸点是多少？"])
def test_what_the_corpus_does_not_answer_is_declined(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert not answer.found
    assert answer.reason
    assert answer.confidence < 0.5


def test_a_refusal_still_shows_what_was_consulted(assistant: Assistant) -> None:
    assert assistant.ask("Who is Boris Johnson?", AskOptions(top=3)).consulted


@pytest.mark.parametrize("question", ["", "   ", "？！", "\n\n", "…"])
def test_a_question_without_a_word_is_empty(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert (answer.found, answer.reason, answer.confidence) == (False, "empty_question", 0.0)


def test_a_question_too_long_is_refused_with_its_length(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="20,000"):
        assistant.ask("橋" * 20_000)


def test_the_longest_question_is_asked(assistant: Assistant) -> None:
    assert assistant.ask(("大橋由誰設計？" * MAX_QUESTION)[:MAX_QUESTION]).reason != "empty_question"


@pytest.mark.parametrize(
    "question",
    ["x" * 500, "🙂🙂", "12345", "-- DROP TABLE", "\u202e大橋", "大橋\ufffd誰設計", "1. 2. 3.", "\u0410. Пушкин?"],
)
def test_a_strange_question_is_answered_or_declined(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.found == (answer.reason is None)


def test_white_space_in_a_question_changes_nothing(assistant: Assistant) -> None:
    plain, spaced = assistant.ask_all(["Who designed the bridge?", "  Who   designed\nthe bridge? "])
    assert plain == spaced


def test_several_questions_are_answered_as_one_by_one(assistant: Assistant) -> None:
    questions = ["Who designed the bridge?", "", "大橋由誰設計？", "Who is Boris Johnson?"]
    assert assistant.ask_all(questions) == [assistant.ask(question) for question in questions]


def test_no_question_has_no_answer(assistant: Assistant) -> None:
    assert assistant.ask_all([]) == []


def test_an_answer_names_its_index_and_model(assistant: Assistant) -> None:
    answer = assistant.ask("Who designed the bridge?")
    assert answer.generation == assistant.index.generation
    assert answer.model


def test_found_means_confident(assistant: Assistant) -> None:
    for answer in assistant.ask_all(["Who designed the bridge?", "What is the boiling point of water?"]):
        assert 0 <= answer.confidence <= 1
        assert answer.found == (answer.confidence >= 0.5)


def test_another_encoder_than_the_indexs_is_refused(built_index: Path, encoder: ConceptEncoder) -> None:
    with pytest.raises(IndexOutdated, match="run `qa build`"):
        Assistant.open(built_index, encoder=replace(encoder, fingerprint="concepts-2"))


def test_a_folder_without_an_index_is_refused(tmp_path: Path, encoder: ConceptEncoder) -> None:
    with pytest.raises(IndexMissing):
        Assistant.open(tmp_path, encoder=encoder)


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "words"),
    [
        pytest.param("How many soldiers may Ukraine keep under the plan?", ("600,000", "60萬"), id="english"),
        pytest.param("札波羅熱核電廠由誰監督？", ("國際原子能", "IAEA"), id="traditional"),
        pytest.param("扎波罗热核电站由谁监督？", ("國際原子能", "IAEA"), id="simplified, another spelling"),
    ],
)
def test_the_bundled_model_consults_the_right_passage_first(
    bundled: Assistant, question: str, words: tuple[str, ...]
) -> None:
    answer, strange = bundled.ask_all([question, "What is the best recipe for apple pie?"])
    first = " ".join(passage.span.of(passage.article.text) for passage in answer.consulted[:3])
    assert any(word in first for word in words)
    assert answer.confidence > strange.confidence


@pytest.mark.model
def test_the_bundled_model_meets_the_other_language(bundled: Assistant) -> None:
    english, chinese = bundled.ask_all(["Who supervises the Zaporizhzhia plant?", "札波羅熱核電廠由誰監督？"])
    for answer in (english, chinese):
        assert {passage.article.language[:2] for passage in answer.consulted} == {"en", "zh"}


@pytest.mark.model
def test_the_bundled_model_declines_what_no_article_says(bundled: Assistant) -> None:
    answers = bundled.ask_all(["What is the best recipe for apple pie?", "蘋果派怎麼做最好吃？"])
    assert [answer.found for answer in answers] == [False, False]


def test_a_question_that_leans_is_read_with_the_one_before(assistant: Assistant) -> None:
    answer = assistant.ask("And who designed it?", before=["Tell me about the bridge."])
    assert answer.reading in ("", "Tell me about the bridge. And who designed it?")
    assert answer.question == "And who designed it?"
    alone = assistant.ask("And who designed it?")
    assert answer.confidence >= alone.confidence


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("How much did the bridge cost?", "And under the European one?"),
        ("大橋花了多少錢？", "那它由誰設計？"),
        ("大桥花了多少钱？", "那它由谁设计？"),
        ("Who designed the bridge?", "Why?"),
    ],
)
def test_a_question_that_cannot_stand_alone_is_always_read_with_the_one_before(
    assistant: Assistant, before: str, question: str
) -> None:
    answer = assistant.ask(question, before=["What is in the library?", before])
    assert (answer.reading, answer.question) == (f"{before} {question}", question)


def test_a_chain_of_such_questions_is_read_back_to_a_whole_one(assistant: Assistant) -> None:
    before = ["Who runs the ferry?", "How much did the bridge cost?", "And who designed it?"]
    assert assistant.ask("And why?", before=before).reading == " ".join((*before[1:], "And why?"))


@pytest.mark.parametrize("question", ["", " ", "?"])
def test_nothing_is_not_read_with_what_was_before(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question, before=["Who designed the bridge?"]).reason == "empty_question"


def test_a_question_that_stands_alone_ignores_the_one_before(assistant: Assistant) -> None:
    question = "Who designed the bridge?"
    assert assistant.ask(question, before=["What does the library cost?"]) == assistant.ask(question)
