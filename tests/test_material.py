from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import ConceptEncoder
from numpy.typing import NDArray

from qa.corpus import load
from qa.material import joined, read, sentence_texts
from qa.names import Names, merge, shipped
from qa.records import Article
from qa.store import Shelf, open_index

if TYPE_CHECKING:
    from qa.material import Embed


@pytest.fixture
def articles(built_corpus: Path) -> tuple[Article, ...]:
    return load(built_corpus).articles


@pytest.fixture
def names() -> Names:
    return merge(shipped())


@pytest.fixture
def embed(encoder: ConceptEncoder) -> Embed:
    def embed(groups: Sequence[Sequence[str]]) -> list[NDArray[np.float16]]:
        return [encoder.encode_passages(texts).astype(np.float16) for texts in groups]

    return embed


def tables(material: Shelf) -> list[NDArray[np.generic]]:
    terms = (material.lexical_passages, material.lexical_sentences)
    rows = (
        material.passages,
        material.sentences,
        *material.dense_passages.raw.parts,
        *material.dense_sentences.raw.parts,
    )
    return [*rows, *(array for index in terms for array in index.arrays().values())]


def test_a_passage_and_its_sentences_have_a_row_each(articles: tuple[Article, ...], names: Names, embed: Embed) -> None:
    for language, material in read(articles, range(len(articles)), names, embed).items():
        assert material.language == language
        assert len(material.dense_passages) == len(material.lexical_passages) == len(material.passages) > 0
        assert len(material.dense_sentences) == len(material.lexical_sentences) == len(material.sentences)
        told = sentence_texts(material, articles, np.array([0]))
        assert told[0] in articles[int(material.passages[0, 0])].text


@pytest.mark.parametrize("afresh", [[], [0], [1, 4], [2, 3, 5]], ids=str)
def test_kept_rows_and_fresh_ones_are_what_reading_everything_gives(
    articles: tuple[Article, ...], names: Names, embed: Embed, built_index: Path, afresh: list[int]
) -> None:
    before = open_index(built_index)
    numbers = np.array([-1 if number in afresh else number for number in range(len(articles))])
    fresh = read(articles, afresh, before.names, embed)
    whole = read(articles, range(len(articles)), before.names, embed)
    for shelf in before.shelves:
        together = joined(shelf, numbers, fresh[shelf.language])
        for one, other in zip(tables(together), tables(whole[shelf.language]), strict=True):
            np.testing.assert_array_equal(one, other)


def test_rows_of_an_article_that_is_gone_are_left_out(
    articles: tuple[Article, ...], embed: Embed, built_index: Path
) -> None:
    before = open_index(built_index)
    left = articles[1:]
    numbers = np.arange(-1, len(left))
    for language, material in read(left, [], before.names, embed).items():
        shelf: Shelf = next(each for each in before.shelves if each.language == language)
        together = joined(shelf, numbers, material)
        assert set(together.passages[:, 0].tolist()) <= set(range(len(left)))
        whole = read(left, range(len(left)), before.names, embed)[language]
        for one, other in zip(tables(together), tables(whole), strict=True):
            np.testing.assert_array_equal(one, other)
