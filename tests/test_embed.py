from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qa import models
from qa.embed import FastEncoder, TorchEncoder, cut_batches, load_encoder
from qa.errors import ModelError

if TYPE_CHECKING:
    from qa.embed import Encoder

PASSAGES = (
    "The plan caps Ukraine's army at 600,000 soldiers.",
    "計畫將烏克蘭軍隊人數上限定為60萬人。",
    "The cat slept on the warm windowsill all afternoon.",
    "貓整個下午都睡在溫暖的窗台上。",
    "",
    "   ",
    "Long text, " * 700,
    "和平談判在日內瓦舉行。" * 20,
)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="session")
def original(encoder: Encoder) -> Encoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QA_ENGINE", "torch")
        return load_encoder()


def test_batches_hold_every_text_once_and_respect_the_limit() -> None:
    lengths = [3, 16, 17, 512, 100, *range(1, 512, 7)]

    batches = cut_batches(lengths, limit=512)

    assert sorted(row for rows, _ in batches for row in rows) == list(range(len(lengths)))
    assert all(lengths[row] <= padded <= lengths[row] + 15 for rows, padded in batches for row in rows)
    assert all(len(rows) == 1 or len(rows) * padded <= 1200 for rows, padded in batches)


def test_no_texts_make_no_batches() -> None:
    assert cut_batches([], limit=512) == []


def test_a_folder_without_a_model_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot load the model .*name a local folder") as caught:
        load_encoder(str(tmp_path))

    assert "\n" not in str(caught.value)


@pytest.mark.model
def test_the_bundled_model_runs_on_the_fast_engine(encoder: Encoder) -> None:
    assert isinstance(encoder, FastEncoder)
    assert encoder.fingerprint == models.fingerprint(models.BUNDLED)


@pytest.mark.model
def test_the_fast_engine_equals_the_original(encoder: Encoder, original: Encoder) -> None:
    assert isinstance(original, TorchEncoder)
    questions = encoder.encode_questions(PASSAGES) * original.encode_questions(PASSAGES)
    passages = encoder.encode_passages(PASSAGES) * original.encode_passages(PASSAGES)

    assert min(questions.sum(axis=1).min(), passages.sum(axis=1).min()) >= 0.999
    assert (encoder.width, encoder.fingerprint) == (original.width, original.fingerprint)


@pytest.mark.model
@pytest.mark.parametrize("name", ["encoder", "original"])
def test_no_texts_give_no_rows(request: pytest.FixtureRequest, name: str) -> None:
    engine: Encoder = request.getfixturevalue(name)

    assert engine.encode_questions([]).shape == engine.encode_passages([]).shape == (0, engine.width)


@pytest.mark.model
def test_every_vector_has_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(PASSAGES)

    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


@pytest.mark.model
def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    alone = np.concatenate([encoder.encode_passages([text]) for text in PASSAGES])

    assert np.abs(alone - encoder.encode_passages(PASSAGES)).max() <= 1e-3


@pytest.mark.model
def test_the_same_texts_give_the_same_bytes(encoder: Encoder) -> None:
    texts = [*PASSAGES, *(text[:90] for text in PASSAGES)] * 3

    assert encoder.encode_passages(texts).tobytes() == encoder.encode_passages(texts).tobytes()


@pytest.mark.model
def test_threads_do_not_disturb_each_other(encoder: Encoder) -> None:
    questions = [f"Question {number}: 和平{'計畫' * (number % 5)}?" for number in range(40)]
    wanted = [encoder.encode_questions([question]).tobytes() for question in questions]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda question: encoder.encode_questions([question]).tobytes(), questions))

    assert found == wanted


@pytest.mark.model
@pytest.mark.parametrize("name", ["encoder", "original"])
def test_progress_adds_up(request: pytest.FixtureRequest, name: str) -> None:
    engine: Encoder = request.getfixturevalue(name)
    seen: list[int] = []

    engine.encode_passages([*PASSAGES[:6], PASSAGES[7]] * 11, progress=seen.append)

    assert sum(seen) == 77
    assert min(seen) > 0
    assert len(seen) > 1


@pytest.mark.model
def test_an_answer_is_nearer_than_a_distractor_across_languages(encoder: Encoder) -> None:
    question = encoder.encode_questions(["How large may the army be?", "軍隊最多可以有多少人？"])

    army, army_zh, cat, cat_zh = (question @ encoder.encode_passages(PASSAGES[:4]).T).T

    assert (np.minimum(army, army_zh) > np.maximum(cat, cat_zh)).all()


@pytest.mark.model
def test_questions_and_passages_have_prompts_of_their_own(encoder: Encoder) -> None:
    text = ["Geneva"]

    assert not np.array_equal(encoder.encode_questions(text), encoder.encode_passages(text))


@pytest.mark.model
def test_a_converted_model_needs_no_torch(encoder: Encoder) -> None:
    program = (
        "import sys; from qa.embed import load_encoder; load_encoder().encode_questions(['Who?']);"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.model
@pytest.mark.slow
def test_a_folder_is_converted_like_the_bundled_model(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(models.locate(models.BUNDLED))
    monkeypatch.setenv("QA_CACHE", str(tmp_path))

    other = load_encoder(folder)

    assert isinstance(other, FastEncoder)
    assert other.encode_passages(PASSAGES).tobytes() == encoder.encode_passages(PASSAGES).tobytes()
