from __future__ import annotations

import itertools

import pytest
from conftest import ConceptEncoder, write_articles

from qa import Answer, AskOptions, Assistant, Filters, build
from qa.answer import asked_clauses
from qa.copies import words
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


# --- copies of one report -------------------------------------------------------------------------

WIRE = {
    "en": """{start}Cracks were found in two piers of the old crossing on Monday, the harbour office said.

The new bridge was designed by the engineer Ada Lovatt. Her firm has its seat in the old customs house by the quay.

The new bridge cost ${millions} million. Drivers were told to take the tunnel, which is shut at night from one to four.

The water bus runs every half hour until the work is done, and passengers with a season ticket travel free of charge.
""",
    "zh": """{start}港務局說，兩座橋墩出現裂縫，車輛改走河底隧道，主管機關要求駕駛人提早出門。

新大橋由工程師羅雅達設計。她的事務所設在碼頭邊的舊海關大樓，前後有四十名員工參與。

新大橋造價{millions}00萬元。河底隧道只有兩線道，每天凌晨一點到四點關閉，大型車輛不得進入。

施工期間，交通船每半小時一班，持有月票的乘客可以免費搭乘，直到重新開放為止。沿岸商家擔心生意受到影響，要求市府減收租金，
並且在碼頭旁邊增設停車場。市府回應說，週末前會派人逐戶訪查，下個月提出補助辦法，經費由港務基金支應，不足的部分再向議會申請。
""",
}
CARRIERS = {"Alder Post": ("", 600), "Birch Times": ("HARBOUR (Agency) - ", 600), "Cedar News": ("", 650)}


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Three outlets carry one report in either language, the third with another figure; a fourth has its own."""
    home = tmp_path_factory.mktemp("wired")
    articles = {
        f"{language}/{outlet}.md": f"---\ntitle: {outlet} {language}\ndate: 2025-04-01\noutlet: {outlet}\n---\n\n"
        + text.format(start=start, millions=millions)
        for language, text in WIRE.items()
        for outlet, (start, millions) in CARRIERS.items()
    }
    articles["own.txt"] = "Outlet: Dune Daily\nDate: 2025-04-05\n\nThe bridge was designed by Ada Lovatt, we learned.\n"
    build(write_articles(home / "corpus", articles), home / "index", encoder=ConceptEncoder())
    return Assistant.open(home / "index", encoder=ConceptEncoder())


@pytest.mark.parametrize("question", ["Who designed the bridge?", "大橋由誰設計？", "大桥由谁设计？"])
@pytest.mark.parametrize("name", ["Ada Lovatt", "羅雅達"])
def test_copies_of_one_report_are_one_source_with_its_outlets(wired: Assistant, question: str, name: str) -> None:
    (one,) = (each for each in wired.ask(question).citations if name in each.quote and each.article.name != "own.txt")
    assert {one.article.outlet, *(copy.article.outlet for copy in one.copies)} == set(CARRIERS)
    assert all(words(copy.span.of(copy.article.text)) == words(one.quote) for copy in one.copies)


def test_another_report_is_another_source(wired: Assistant) -> None:
    cited = wired.ask("Who designed the bridge?").citations
    assert "own.txt" in {each.article.name for each in cited}
    assert all(each.copies == () for each in cited if each.article.name == "own.txt")


@pytest.mark.parametrize("question", ["How much did the bridge cost?", "大橋的造價是多少？"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_figure_that_one_copy_corrects_stands_by_itself(wired: Assistant, question: str, language: str) -> None:
    cited = [each for each in wired.ask(question).citations if each.article.name.startswith(language)]
    first = next(each for each in cited if "600" in each.quote)
    corrected = next(each for each in cited if "650" in each.quote)
    assert first.statement != corrected.statement
    assert len(first.copies) == 1 and corrected.copies == ()


def test_what_was_consulted_holds_no_passage_twice(wired: Assistant) -> None:
    read = [words(passage.span.of(passage.article.text)) for passage in wired.ask("Who sank the boat?").consulted]
    assert len(set(read)) == len(read) > 1


def test_only_copies_that_the_filters_admit_are_named(wired: Assistant) -> None:
    cited = wired.ask("Who designed the bridge?", AskOptions(filters=Filters(outlet="Birch Times"))).citations
    assert cited and all(each.article.outlet == "Birch Times" and each.copies == () for each in cited)
