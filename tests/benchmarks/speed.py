"""How fast it is and what it needs: one command, one run, one page of tables.

    python tests/benchmarks/speed.py --sizes 7,1000,10000,100000

Markdown goes to stdout, progress to stderr. Size 7 is the starter corpus, the others are passages of a corpus made for
the purpose (see `corpora`). With 100,000 passages it takes half an hour and 8 GB in the temporary folder.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own modules, as pytest finds them

from benchmarks import corpora, encoding, processes, scale, together
from browser.serving import serve

BATCH = 1000  # questions

Row = tuple[str, str, str]  # what is measured, its value, what it should be


def tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


# --- measures over the starter corpus ------------------------------------------------------------------


def encoder_rows(home: Path, repeat: int) -> Iterator[Row]:
    found = processes.fresh(encoding.compare, repeat)
    yield f"passages encoded a second, ours ({found.texts} passages)", f"{found.ours:.1f}", ""
    yield "the same, sentence-transformers' `encode`", f"{found.theirs:.1f}", ""
    yield "ours over theirs", f"**{found.ratio:.2f} times**", "2.5 times or more"
    yield "least cosine between the two", f"{found.cosine:.4f}", ".999 or more"


def batch_rows(home: Path, repeat: int) -> Iterator[Row]:
    asked = corpora.starter_questions(BATCH)
    questions = home / "questions.txt"
    questions.write_text("\n".join(asked) + "\n", encoding="utf-8")
    index = starter_index(home)
    outs = [home / f"answers-{number}.jsonl" for number in range(repeat)]
    every = [processes.qa("batch", questions, "--out", out, "--index", index, codes=(0, 1)) for out in outs]
    seconds = median(ran.seconds for ran in every)
    yield f"{len(asked):,} questions in one batch", f"**{seconds:.1f} s**", "30 s or less"
    yield "the same, peak memory", f"{max(ran.peak for ran in every):.0f} MB", ""


def together_rows(home: Path, repeat: int) -> Iterator[Row]:
    asked = corpora.starter_questions(together.AT_ONCE)
    index = starter_index(home)
    yield from _together_rows("threads", processes.fresh(together.over_threads, index, asked, repeat))
    with serve(home, corpora.STARTER, index, until="reused") as address:
        yield from _together_rows("web server", together.together(together.over_http(address), asked, repeat))


def _together_rows(name: str, found: together.Together) -> Iterator[Row]:
    what = f"{together.AT_ONCE} questions at once, {name}"
    yield f"{what}: errors; answers that differ from one at a time", f"{found.errors}; {found.different}", "0; 0"
    each = f"({found.at_once:.2f} s against {found.alone:.2f} s)"
    yield f"{what}: throughput over one at a time", f"**{found.throughput:.2f} times** {each}", "1 or more"
    yield f"{what}: longest wait over the median wait", f"{found.fairness:.2f}", "2 or less: first come, first served"


def starter_index(home: Path) -> Path:
    """Return the index of the starter corpus, built when first asked for."""
    index = home / "starter"
    processes.qa("build", "--corpus", corpora.STARTER, "--index", index)
    return index


SECTIONS: dict[str, Callable[[Path, int], Iterator[Row]]] = {
    "encoder": encoder_rows,
    "batch": batch_rows,
    "together": together_rows,
}
SCALE = "scale"
EVERY = (*SECTIONS, SCALE)


# --- measures by size -----------------------------------------------------------------------------------

# Each: what is measured, how it is written, and its value; a value that grows with the corpus has its growth told.
MEASURES: tuple[tuple[str, str, Callable[[scale.Cost], float]], ...] = (
    ("passages", "{:,.0f}", lambda cost: cost.built.passages),
    ("sentences", "{:,.0f}", lambda cost: cost.built.sentences),
    ("build, the encoder's share left out", "{:.1f} s", lambda cost: cost.built.seconds),
    ("the encoder's share", "{:.1f} s", lambda cost: cost.built.encoding),
    ("index on disk", "{:,.1f} MB", lambda cost: cost.built.stored),
    ("`qa ask` in a new process, median", "{:.2f} s", lambda cost: cost.cold.p50),
    ("the same, p95", "{:.2f} s", lambda cost: cost.cold.p95),
    ("the same, peak memory", "{:,.0f} MB", lambda cost: cost.cold.peak),
    ("opening the index", "{:.2f} s", lambda cost: cost.asked.opening),
    ("warm question, p50", "{:.1f} ms", lambda cost: 1000 * cost.asked.p50),
    ("warm question, p95", "{:.1f} ms", lambda cost: 1000 * cost.asked.p95),
    ("of which the encoder, p50", "{:.1f} ms", lambda cost: 1000 * cost.asked.encoding),
    ("peak memory of the asking process", "{:,.0f} MB", lambda cost: cost.asked.peak),
    ("the same without pages of mapped files", "{:,.0f} MB", lambda cost: cost.asked.own),
    ("recall@10 of the passage search over a flat one", "{:.4f}", lambda cost: cost.recall.passages),
    ("recall@10 of the sentence search over a flat one", "{:.4f}", lambda cost: cost.recall.sentences),
    ("`qa build`, nothing changed", "{:.2f} s", lambda cost: cost.renewed.unchanged),
    ("`qa build`, one article changed", "{:.2f} s", lambda cost: cost.renewed.changed),
    ("the same, peak memory", "{:,.0f} MB", lambda cost: cost.renewed.peak),
)


def scale_lines(costs: Sequence[scale.Cost]) -> Iterator[str]:
    """Yield the table by size; the last column is the growth between the two largest sizes, as a power of it."""
    heads = ["measure", *map(_heading, costs), "grows as"]
    yield _line(heads)
    yield _line(["---"] * len(heads))
    for name, form, value in MEASURES:
        values = [value(cost) for cost in costs]
        yield _line([name, *map(form.format, values), _growth(costs, values)])


def _heading(cost: scale.Cost) -> str:
    if cost.size == scale.STARTER_SIZE:
        return "starter corpus"
    return f"{cost.size:,}" + (" (stand-in)" if cost.size > scale.REALLY_EMBEDDED else "")


def _growth(costs: Sequence[scale.Cost], values: Sequence[float]) -> str:
    if len(costs) < 2 or min(values[-2:]) <= 0:
        return ""
    one, other = (cost.built.passages for cost in costs[-2:])
    return f"n^{math.log(values[-1] / values[-2]) / math.log(other / one):.2f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- the page -----------------------------------------------------------------------------------------


def notes(repeat: int) -> str:
    return f"""\
{processes.machine()}.
Medians of {repeat} runs, ratios side by side in one run; the files are in the disk's cache. Warm questions are
{scale.QUESTIONS} different ones in the three scripts, one thread, the real encoder. A column marked "stand-in" has
documents' vectors that are means of real vectors of real sentences, moved a little; questions are really encoded.
One article changed: its figures corrected, a sentence added; `qa build` in a new process with the real encoder."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default="7,1000,10000", help="passages; 7 is the starter corpus")
    parser.add_argument("--only", type=sections, default=",".join(EVERY), help="of: %(default)s")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median is told")
    parser.add_argument("--evaluation", type=Path, default=corpora.EVALUATION, help="folder of the development files")
    given = parser.parse_args()
    print(notes(given.repeat), end="\n\n", flush=True)
    print_sections([name for name in SECTIONS if name in given.only], given.repeat)
    if SCALE in given.only:
        print_scale(given.sizes, given.evaluation, given.repeat)


def sizes(told: str) -> list[int]:
    return sorted(map(int, told.split(",")))


def sections(told: str) -> list[str]:
    names = told.split(",")
    if unknown := set(names) - {*EVERY}:
        raise argparse.ArgumentTypeError(f"no section {', '.join(sorted(unknown))}; there are {', '.join(EVERY)}")
    return names


def print_sections(names: Sequence[str], repeat: int) -> None:
    if not names:
        return
    print(f"{_line(['starter corpus', 'measured', 'should be'])}\n{_line(['---'] * 3)}", flush=True)
    with tempfile.TemporaryDirectory() as place:
        for name in names:
            tell(name)
            for row in SECTIONS[name](Path(place), repeat):
                print(_line(row), flush=True)
    print()


def print_scale(sizes: Sequence[int], evaluation: Path, repeat: int) -> None:
    costs = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            costs.append(scale.cost(size, Path(place), evaluation, repeat, tell))
    print("\n".join(scale_lines(costs)))


if __name__ == "__main__":
    main()
