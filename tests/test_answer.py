from __future__ import annotations

import itertools

import pytest

from qa import Answer, AskOptions, Assistant
from qa.answer import asked_clauses
from qa.folding import fold
from qa.quantities import quantities
from qa.records import QUOTABLE, Kind

QUESTIONS = (
    "Who designed the bridge?",
    "How much did the bridge cost?",
    "橋的造價是多少？",
    "大桥由谁设计？",
    "橋是哪位建築師設計的？",
    "How many books may a reader borrow from the library?",
)


@pytest.fixture(scope="module")
def answers(assistant: Assistant) -> list[Answer]:
    return assistant.ask_all(QUESTIONS)


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        pytest.param("What does point 19 say?", {19}, id="point"),
        pytest.param("第十九點說了什麼？", {19}, id="chinese"),
        pytest.param("Compare clause 3 with clause 21", {3, 21}, id="two"),
        pytest.param("第3条和第4条是什么？", {3, 4}, id="simplified"),
        pytest.param("the third point", {3}, id="ordinal"),
        pytest.param("Are there 28 points?", set(), id="a count is no clause"),
    ],
)
def test_clauses_that_a_question_names(question: str, numbers: set[int]) -> None:
    assert asked_clauses(question) == numbers


def test_every_question_is_answered(answers: list[Answer]) -> None:
    assert [answer.question for answer in answers if not answer.found] == []


def test_citations_are_numbered_from_one_best_first(answers: list[Answer]) -> None:
    for answer in answers:
        assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
        scores = [citation.score for citation in answer.citations]
        assert scores == sorted(scores, reverse=True)


def test_statements_are_numbered_by_their_best_citation(answers: list[Answer]) -> None:
    for answer in answers:
        met = list(dict.fromkeys(citation.statement for citation in answer.citations))
        assert met == list(range(1, len(met) + 1))


def test_a_quote_is_what_stands_between_its_offsets(answers: list[Answer]) -> None:
    for citation in (citation for answer in answers for citation in answer.citations):
        text = citation.article.text
        assert citation.quote == text[citation.span.start : citation.span.end] == citation.quote.strip() != ""


def test_a_context_holds_its_sentence(answers: list[Answer]) -> None:
    for citation in (citation for answer in answers for citation in answer.citations):
        assert citation.context.start <= citation.span.start < citation.context.end


def test_only_quotable_kinds_are_quoted(answers: list[Answer]) -> None:
    assert {citation.kind for answer in answers for citation in answer.citations} <= QUOTABLE


def test_no_two_citations_quote_the_same_stretch(answers: list[Answer]) -> None:
    for answer in answers:
        spans = sorted((citation.article.name, citation.span) for citation in answer.citations)
        for one, other in itertools.pairwise(spans):
            assert one[0] != other[0] or one[1].end <= other[1].start


def figures(text: str) -> set[str]:
    return {quantity.key for quantity in quantities(fold(text)) if quantity.kind == "number" and len(quantity.key) > 6}


def test_equal_statements_of_two_outlets_share_a_number(assistant: Assistant) -> None:
    cited = assistant.ask("How much did the bridge cost?").citations
    same = {citation.statement for citation in cited if figures(citation.quote) == {"600000000"}}
    outlets = {citation.article.outlet for citation in cited if citation.statement in same}
    assert len(same) == 1
    assert {"Harbour Post", "河口日報"} <= outlets


def test_different_figures_are_different_statements(assistant: Assistant) -> None:
    cited = assistant.ask("How much did the bridge cost?").citations
    by_figure = {figure: citation.statement for citation in cited for figure in figures(citation.quote)}
    assert {"600000000", "650000000"} <= set(by_figure)
    assert by_figure["600000000"] != by_figure["650000000"]


def test_a_caption_never_comes_before_prose(answers: list[Answer]) -> None:
    for answer in answers:
        kinds = [citation.kind for citation in answer.citations]
        assert Kind.CAPTION not in kinds[: len(kinds) - kinds.count(Kind.CAPTION)]


@pytest.mark.parametrize(
    "question", ["图书馆新规第3条说什么？", "圖書館新規第三條說什麼？", "What does point 3 of the library say?"]
)
def test_a_clause_that_is_asked_for_by_number_comes_first(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.found
    assert answer.citations[0].quote == "3. 周日上午十点开门。"


def test_a_match_stands_in_the_quote(answers: list[Answer]) -> None:
    for answer in answers:
        for citation in answer.citations:
            for match in citation.why.matches:
                assert match.term in answer.question
                assert match.found in citation.quote


@pytest.mark.parametrize(
    ("question", "term", "found", "way"),
    [
        pytest.param("Who designed the bridge?", "bridge", "bridge", "word", id="the same word"),
        pytest.param("大桥由谁设计？", "设计", "設計", "script", id="the other script"),
        pytest.param("What bridge did Lindqvist design?", "Lindqvist", "林奎斯特", "name", id="a name"),
        pytest.param("Did the bridge cost $600 million?", "$600 million", "6億", "number", id="a number"),
    ],
)
def test_a_match_says_by_which_way(assistant: Assistant, question: str, term: str, found: str, way: str) -> None:
    matches = [match for citation in assistant.ask(question).citations for match in citation.why.matches]
    assert (term, found, way) in {(match.term, match.found, str(match.way)) for match in matches}


@pytest.mark.parametrize("top", [1, 3, 100])
def test_as_many_passages_as_asked_for_are_consulted_best_first(assistant: Assistant, top: int) -> None:
    passages = sum(len(shelf) for shelf in assistant.index.shelves)
    consulted = assistant.ask("Who designed the bridge?", AskOptions(top=top)).consulted
    assert len(consulted) == min(top, passages)
    scores = [passage.score for passage in consulted]
    assert scores == sorted(scores, reverse=True)
