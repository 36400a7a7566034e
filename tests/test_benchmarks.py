"""What the benchmarks stand on: made corpora, the stand-in encoder, and answers to many questions at once."""

from __future__ import annotations

from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import numpy as np
import pytest
from benchmarks import corpora
from benchmarks.standin import Origins, StandIn
from benchmarks.together import AT_ONCE, at_once, together
from conftest import ConceptEncoder

from qa import Assistant
from qa.corpus import load
from qa.folding import simplify
from qa.language import script_of
from qa.passages import passages
from qa.web.desk import Desk
from qa.web.service import functions

ARTICLES = 40


@pytest.fixture(scope="module")
def drawn_from(tmp_path_factory: pytest.TempPathFactory) -> tuple[corpora.Source, ...]:
    """The sources without the development files, which are not everywhere."""
    return corpora.sources(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def made(drawn_from: tuple[corpora.Source, ...]) -> list[corpora.MadeArticle]:
    return list(corpora.articles(ARTICLES, drawn_from))


def embedded(folder: Path) -> tuple[list[str], list[str]]:
    """Return the passages and the sentences of a corpus as they are embedded."""
    found = load(folder).articles
    cut = [(each.text, passage) for number, each in enumerate(found) for passage in passages(each, number)]
    told = [simplify(sentence.span.of(text)) for text, passage in cut for sentence in passage.sentences]
    return [simplify(passage.span.of(text)) for text, passage in cut], told


def test_a_made_corpus_is_the_same_every_time(
    made: list[corpora.MadeArticle], drawn_from: tuple[corpora.Source, ...]
) -> None:
    assert list(corpora.articles(ARTICLES // 2, drawn_from)) == made[: ARTICLES // 2]


def test_a_made_corpus_has_the_size_that_was_asked_for(made: list[corpora.MadeArticle], tmp_path: Path) -> None:
    corpora.write(tmp_path, made)
    cut, told = embedded(tmp_path)
    assert len(cut) == ARTICLES * corpora.PARAGRAPHS
    assert 4 <= len(told) / len(cut) <= 7
    assert len(set(told)) == len(told)


def test_a_made_corpus_is_half_english_and_a_quarter_of_either_chinese(
    made: list[corpora.MadeArticle], tmp_path: Path
) -> None:
    corpora.write(tmp_path, made)
    found = load(tmp_path).articles
    assert [each.language for each in found] == [each.script for each in made]
    assert [sum(each.script == script for each in made) for script in ("en", "zh-Hant", "zh-Hans")] == [20, 10, 10]
    assert all(each.title and each.published and each.outlet for each in found)


def test_a_corrected_article_has_other_figures_and_one_sentence_more(
    made: list[corpora.MadeArticle], tmp_path: Path
) -> None:
    corpora.write(tmp_path, made[:1])
    before, (path,) = embedded(tmp_path)[1], tmp_path.rglob("*.md")
    corpora.correct(path, 1)
    after = embedded(tmp_path)[1]
    assert len(after) == len(before) + 1 and len(set(after) - set(before)) > 1


def test_questions_are_different_and_in_three_scripts() -> None:
    asked = corpora.starter_questions(1000)
    assert len(set(asked)) == 1000
    assert {script_of(question) for question in asked[:30]} == {"en", "zh-Hant", "zh-Hans"}


def test_the_stand_in_knows_every_text_of_a_made_corpus(
    made: list[corpora.MadeArticle], drawn_from: tuple[corpora.Source, ...], tmp_path: Path
) -> None:
    corpora.write(tmp_path, made)
    cut, told = embedded(tmp_path)
    real = ConceptEncoder()
    count = sum(len(source.sentences) for source in drawn_from)
    axes = np.random.default_rng(1).normal(size=(count, real.width)).astype(np.float32)
    encoder = StandIn(real, Origins.of(made), axes / np.linalg.norm(axes, axis=1, keepdims=True))
    vectors = encoder.encode_passages([*cut, *told])
    assert real.seen == []
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(encoder.encode_passages(told[::-1])[::-1], vectors[len(cut) :])
    encoder.encode_passages([told[0], "Nobody made this."])
    assert real.seen == ["Nobody made this."]


def test_errors_and_other_answers_are_counted() -> None:
    def ask(question: str) -> object:
        alone = current_thread() is main_thread()
        if question == "broken" and not alone:
            raise ValueError(question)
        return alone if question == "fickle" else question

    found = together(ask, ["calm", "broken", "fickle"], 1)
    assert (found.errors, found.different) == (1, 1)


@pytest.fixture(params=["assistant", "web"])
def ask(request: pytest.FixtureRequest, bundled: Assistant, bundled_index: Path) -> Any:
    """What answers a question: the assistant, or what the page calls over it."""
    if request.param == "assistant":
        return bundled.ask
    desk = Desk(bundled_index, corpora.STARTER, encoder=bundled.encoder)
    assert desk.assistant()
    call = next(each for each in functions(desk, bundled_index / "notes") if each.__name__ == "ask")
    return lambda question: call({"look": {"language": "en"}, "question": question, "number": 1})


@pytest.mark.model
def test_questions_at_once_are_answered_as_one_at_a_time(ask: Any) -> None:
    asked = corpora.starter_questions(AT_ONCE)
    expected = [ask(question) for question in asked]
    assert [answer for _, answer in at_once(ask, asked)] == expected
