from __future__ import annotations

from typing import Any

import pytest

from qa.unigram import Unigram, longest_by_start


def toy_unigram(scores: dict[str, float]) -> tuple[Unigram, Any]:
    """Return the quick tokenizer and the one of `tokenizers`, over the same pieces."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers import models as kinds

    def build(vocabulary: list[tuple[str, float]]) -> Tokenizer:
        tokenizer = Tokenizer(kinds.Unigram(vocabulary, unk_id=0, byte_fallback=False))
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        return tokenizer

    pieces = list(scores)
    quick = Unigram(build([("", 0.0)]), pieces, list(scores.values()), longest_by_start(pieces))
    return quick, build(list(scores.items()))


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "ab",
        "abcabc  ab",
        "和平談判",
        "x",
        "xyz a x",
        "",
        " ",
        "a x",
        "\uff21\uff22a",
        "▁",
        "<unk>",
        "aaaa" * 20,
    ],
)
def test_quick_tokens_equal_their_definition(text: str) -> None:
    scores = {"<unk>": 0.0, "▁": -2.0, "a": -3.0, "b": -3.5, "c": -4.0, "ab": -5.0, "bc": -4.5, "▁ab": -6.0}
    quick, whole = toy_unigram(scores | {"和": -5.0, "平": -5.5, "和平": -7.0, "aaa": -8.0})

    assert quick.encode(text) == whole.encode(text, add_special_tokens=False).ids
