"""What each step of retrieval adds: one run, one table.

    python tests/benchmarks/ablation.py ../shared/eval

Each paragraph of XQuAD and DRCD is an article; a cell is the share of questions whose own paragraph comes
first. Needs the development files, which are not part of this project.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from qa import build
from qa.dense import normalised
from qa.dictionary import Bridge
from qa.embed import Encoder, load_encoder
from qa.folding import simplify
from qa.language import language_of
from qa.names import Names
from qa.retrieve import Found, Question, search
from qa.store import Index, Shelf, open_index
from qa.terms import GLOSSED, gloss, question_terms


@dataclass(frozen=True)
class Asked:
    """A question with its vector, that of its gloss where it has one, and the number of its paragraph."""

    question: str
    vector: np.ndarray
    gloss: np.ndarray | None
    gold: int


Step = Callable[[Index, Shelf, Asked], np.ndarray]


def best(found: Found, values: np.ndarray) -> np.ndarray:
    """Return the best sentence value of every passage."""
    top = np.full(len(found.scores.rows), -np.inf, np.float32)
    np.maximum.at(top, found.scores.owner, values)
    return top


def found(index: Index, shelf: Shelf, asked: Asked, *, bare: bool = False, glossed: bool = False) -> Found:
    """Search with every kind of term, or without names and dictionary; with the gloss, or without."""
    names, bridge = (Names(()), Bridge(words=index.bridge.words)) if bare else (index.names, index.bridge)
    terms = question_terms(asked.question, shelf.language, names, bridge)
    put = Question(asked.vector, language_of(asked.question), terms, asked.gloss if glossed else None)
    told = search(shelf, put)
    if told is None:
        raise ValueError("the shelf has no passages")
    return told


def raw_passages(index: Index, shelf: Shelf, asked: Asked) -> np.ndarray:
    """Passage vectors alone, the question not centred."""
    mean = f"question_mean.{language_of(asked.question)}"
    uncentred = {**shelf.statistics, mean: np.zeros_like(asked.vector)}
    return found(index, replace(shelf, statistics=uncentred), asked).scores.passage


def fused(*, glossed: bool) -> Step:
    return lambda index, shelf, asked: found(index, shelf, asked, glossed=glossed).fused


def dense(index: Index, shelf: Shelf, asked: Asked) -> np.ndarray:
    told = found(index, shelf, asked)
    return best(told, told.sentence) + 0.5 * told.passage


def lexical(weight: float, *, bare: bool) -> Step:
    def step(index: Index, shelf: Shelf, asked: Asked) -> np.ndarray:
        told = found(index, shelf, asked, bare=bare)
        return best(told, told.sentence) + 0.5 * told.passage + weight * told.lexical

    return step


STEPS: dict[str, Step] = {
    "passage vectors, corpus centred only": raw_passages,
    "passage vectors, centred by language": lambda *a: found(*a).scores.passage,
    "sentence vectors, centred": lambda *a: best(found(*a), found(*a).scores.sentence),
    "passage + sentence": dense,
    "+ BM25 of words and numbers": lexical(0.35, bare=True),
    "+ names and dictionary bridge": lexical(0.35, bare=False),
    "+ BM25 of the best sentence": fused(glossed=False),
    "+ gloss of a Chinese question (all)": fused(glossed=True),
}


def first(index: Index, shelf: Shelf, asked: list[Asked], step: Step) -> float:
    """Return the share of questions whose paragraph comes first; a tie is no first place."""
    right = 0
    for each in asked:
        scores = np.full(len(index.articles), -np.inf)
        np.maximum.at(scores, shelf.passages[:, 0], step(index, shelf, each))
        right += int((scores >= scores[each.gold]).sum() == 1)
    return right / len(asked)


def indexed(paragraphs: list[dict[str, str]], folder: Path, encoder: Encoder) -> Index:
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, paragraph in enumerate(paragraphs):
        (corpus / f"{number:05d}.txt").write_text(paragraph["context"] + "\n", encoding="utf-8")
    build(corpus, folder / "index", encoder=encoder)
    return open_index(folder / "index")


def encoded(questions: list[tuple[str, int]], index: Index, shelf: Shelf, encoder: Encoder) -> list[Asked]:
    """Return questions with their vectors, and those that cross languages with the vectors of their glosses."""
    texts = [question for question, _ in questions]
    vectors = normalised(encoder.encode_questions([simplify(text) for text in texts]))
    glosses = encoder.encode_questions([gloss(text, index.names, index.bridge) for text in texts])
    crossing = [(language_of(text), shelf.language) == GLOSSED for text in texts]
    return [
        Asked(question, vector, meant if crosses else None, gold)
        for (question, gold), vector, meant, crosses in zip(questions, vectors, glosses, crossing, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder with xquad_dev.json and drcd_dev.json")
    folder = parser.parse_args().folder
    if not (folder / "xquad_dev.json").is_file():
        sys.exit(f"{folder}/xquad_dev.json is not there; name the folder of the development files")
    xquad, drcd = (json.loads((folder / f"{name}_dev.json").read_text("utf-8")) for name in ("xquad", "drcd"))
    runs = {
        "en-zh": (xquad["zh"], xquad["en"]),
        "zh-zh": (xquad["zh"], xquad["zh"]),
        "zh-en": (xquad["en"], xquad["zh"]),
        "en-en": (xquad["en"], xquad["en"]),
        "drcd": (drcd["zh"], drcd["zh"]),
    }
    encoder = load_encoder()
    columns = []
    for corpus, asking in runs.values():
        with tempfile.TemporaryDirectory() as place:
            index = indexed(corpus, Path(place), encoder)
            shelf = max(index.shelves, key=len)
            questions = [(q["question"], n) for n, paragraph in enumerate(asking) for q in paragraph["questions"]]
            asked = encoded(questions, index, shelf, encoder)
            columns.append([first(index, shelf, asked, step) for step in STEPS.values()])
    print(f"| step | {' | '.join(runs)} |\n| --- |{' --- |' * len(runs)}")
    for row, name in enumerate(STEPS):
        print(f"| {name} | {' | '.join(f'{column[row]:.3f}' for column in columns)} |")


if __name__ == "__main__":
    main()
