from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from qa import Assistant
from qa.dense import centred, normalised
from qa.language import language_of
from qa.retrieve import Found, Question, search
from qa.store import Shelf
from qa.terms import question_terms

Ask = Callable[[str, str], tuple[Shelf, Question]]


@pytest.fixture
def put(assistant: Assistant) -> Ask:
    """Make a question ready for the shelf of a language."""

    def ready(question: str, language: str) -> tuple[Shelf, Question]:
        index = assistant.index
        shelf = next(shelf for shelf in index.shelves if shelf.language == language)
        vector = assistant.encoder.encode_questions([question])[0]
        terms = question_terms(question, shelf.language, index.names, index.bridge)
        return shelf, Question(vector, language_of(question), terms)

    return ready


def best(assistant: Assistant, found: Found) -> tuple[str, str]:
    """Return the article of the best passage and the words of the best sentence."""
    articles, shelf = assistant.index.articles, found.shelf
    passage = int(found.scores.rows[np.argmax(found.fused)])
    place = int(np.argmax(found.fused_sentence))
    owner = int(found.scores.rows[found.scores.owner[place]])
    sentence = shelf.sentence(int(found.scores.sentence_rows[place])).span
    return articles[shelf.passages[passage, 0]].name, sentence.of(articles[shelf.passages[owner, 0]].text)


@pytest.mark.parametrize("question", ["Who designed the bridge?", "大橋由誰設計？", "大桥由谁设计？"])
@pytest.mark.parametrize(
    ("language", "article", "words"),
    [("en", "en/bridge.md", "designed by the architect"), ("zh", "tw/bridge.md", "建築師林奎斯特")],
)
def test_each_shelf_has_its_best_for_a_question_in_any_script(
    assistant: Assistant, put: Ask, question: str, language: str, article: str, words: str
) -> None:
    found = search(*put(question, language))
    assert found is not None
    name, sentence = best(assistant, found)
    assert name == article
    assert words in sentence


def test_a_gloss_counts_half(put: Ask, assistant: Assistant) -> None:
    shelf, question = put("大橋由誰設計？", "en")
    words = assistant.encoder.encode_questions(["bridge who design"])[0]
    means = [shelf.statistics[f"question_mean.{language}"] for language in ("zh", "en")]
    alone, glossed = question.centred(shelf), replace(question, gloss=words).centred(shelf)
    assert np.allclose(alone, normalised(question.vector - means[0]))
    assert np.allclose(glossed, normalised(alone + 0.5 * normalised(words - means[1])), atol=1e-6)


def test_sentence_scores_are_plain_products(put: Ask) -> None:
    shelf, question = put("Who designed the bridge?", "en")
    found = search(shelf, question)
    assert found is not None
    vector = centred(question.vector, shelf.statistics["question_mean.en"])
    every = shelf.dense_sentences.vectors(np.arange(len(shelf.sentences)))
    np.testing.assert_allclose(found.scores.sentence, (every @ vector)[found.scores.sentence_rows], atol=1e-6)


def test_standard_scores_keep_the_order_of_the_raw_ones(put: Ask) -> None:
    found = search(*put("How much did the bridge cost?", "en"))
    assert found is not None
    for raw, standard in ((found.scores.sentence, found.sentence), (found.scores.passage, found.passage)):
        assert np.argsort(-raw, kind="stable").tolist() == np.argsort(-standard, kind="stable").tolist()


def test_a_filter_changes_what_may_answer_and_no_score(assistant: Assistant, put: Ask) -> None:
    shelf, question = put("How much did the bridge cost?", "en")
    admitted = np.array([article.outlet == "Valley Echo" for article in assistant.index.articles])
    free, bound = search(shelf, question), search(shelf, question, admitted)
    assert free is not None
    assert bound is not None
    assert {assistant.index.articles[shelf.passages[row, 0]].outlet for row in bound.scores.rows} == {"Valley Echo"}
    kept = np.isin(free.scores.rows, bound.scores.rows)
    np.testing.assert_allclose(free.fused[kept], bound.fused, rtol=1e-5)


def test_a_filter_that_admits_nothing_finds_nothing(assistant: Assistant, put: Ask) -> None:
    nothing = np.zeros(len(assistant.index.articles), bool)
    assert search(*put("Who designed the bridge?", "en"), nothing) is None


def test_sentences_belong_to_their_passages(put: Ask) -> None:
    shelf, _ = put("Who?", "en")
    rows = np.arange(len(shelf))[::2]
    sentences, owner = shelf.sentences_of(rows)
    assert shelf.sentences[sentences, 6].tolist() == rows[owner].tolist()


def test_every_passage_of_a_small_shelf_is_its_background(put: Ask) -> None:
    shelf, _ = put("Who?", "en")
    assert shelf.background().tolist() == list(range(len(shelf)))
