"""The web app without a browser: records and HTML, words, scripts, word help, batches, holdings."""

import base64
import json
import re
import string
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from qa import Article, Filters, build
from qa.figures import figures
from qa.holdings import Editor, holdings, timeline
from qa.records import Script
from qa.render import COPIES, UNDATED
from qa.web import draw
from qa.web.batches import Batches
from qa.web.citing import as_html, as_markdown, as_text
from qa.web.desk import Desk
from qa.web.exporting import exported
from qa.web.look import Look
from qa.web.passages import Manner, Stretch, paragraphs
from qa.web.scripts import CHOICES, convert, tag, usage
from qa.web.service import functions
from qa.web.tabs import batch_functions, corpus_functions
from qa.web.turns import plain, record
from qa.web.words import LANGUAGES, WORDS, say, table

HOSTILE = '<script>alert(1)</script> <img src=x onerror="alert(2)"> **bold** [link](javascript:alert(3)) &amp; \'"'
LOOKS = [Look(language, script, False) for language in LANGUAGES for script in CHOICES]
HAN = re.compile(r"[\u4e00-\u9fff]")
HERE = Path(draw.__file__).parent


class Reader(HTMLParser):
    """Collects what a browser would see: elements, their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(str(html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def citation(**given: Any) -> dict[str, Any]:
    """Return a citation as a record keeps it."""
    quote = given.pop("quote", "The bridge cost $600 million.")
    context = given.pop("context", f"Before. {quote} After.")
    return {
        "number": 1, "statement": 1, "article": "a.md", "title": "Bridge", "outlet": "Post", "published": "2025-03-01",
        "language": "en", "region": "", "url": "", "start": 100, "end": 100 + len(quote), "quote": quote,
        "context": context, "context_start": 100 - context.index(quote), "kind": "prose", "score": 1.0,
        "why": {"sentence": 1.0, "passage": 2.0, "lexical": 3.0, "matches": []},
    } | given  # fmt: skip


def told(*citations: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Return the record of a turn."""
    words = {"lead": "The articles say:", "near": "Near:", "refusal": "", "sureness": "Confidence: high"}
    return {
        "question": "What did it cost?", "language": "en", "found": bool(citations), "confidence": 0.9, "reason": None,
        "missing": [], "citations": list(citations), "passages": [], "index": {"generation": "g", "model": "m"},
        "reading": "", "filters": {}, "sure": "high", "words": words,
    } | given  # fmt: skip


# --- words ------------------------------------------------------------------------


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_there_in_three_languages_with_the_same_values(key: str) -> None:
    fields = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in WORDS[key]]
    assert len(WORDS[key]) == len(LANGUAGES) and all(words.strip() for words in WORDS[key])
    assert fields[0] == fields[1] == fields[2]


def test_the_scripts_of_the_words_are_not_mixed() -> None:
    from qa.folding import simplified_of, traditional_of

    for key, (_, traditional, simplified) in WORDS.items():
        if key.startswith("script_"):
            continue  # these name the other script
        assert not [each for each in traditional if each in traditional_of() and each not in simplified_of()
                    and each not in "台里面只後后群干了"], key  # fmt: skip
        assert not [each for each in simplified if each in simplified_of()], key


def test_every_word_that_a_template_or_script_asks_for_exists() -> None:
    html = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("*.html")))
    script = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("*.js")))
    asked = re.findall(r"(?:say|word)\(\"(\w+)\"[,)]", html + script) + re.findall(
        r'data-(?:word|label|hint|title)="(\w+)"', html
    )
    assert len(asked) > 80 and [key for key in asked if key not in WORDS] == []


def test_the_page_gets_all_words() -> None:
    assert {language: set(words) for language, words in table().items()} == {key: set(WORDS) for key in LANGUAGES}


# --- article text is text -------------------------------------------------------------


def hostile_turn() -> dict[str, Any]:
    quote = HOSTILE
    one = citation(quote=quote, title=HOSTILE, outlet=HOSTILE, published=HOSTILE, region=HOSTILE, article=HOSTILE)
    one["why"]["matches"] = [{"term": HOSTILE, "found": HOSTILE, "way": "word", "gloss": HOSTILE}]
    return told(one, question=HOSTILE, reading=HOSTILE, filters={"outlet": HOSTILE})


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_hostile_text_is_shown_as_text(look: Look) -> None:
    turn = hostile_turn()
    page = Reader(draw.turn(turn, 1, look) + draw.sources(turn, 1, look))
    assert not {"script", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert not [value for name, value in page.attributes if name == "href" and value and not value.startswith("#")]
    assert (
        page.text.count("<script>alert(1)</script>") >= 6 and "**bold** [link](javascript:alert(3)) &amp;" in page.text
    )


def test_a_near_passage_and_a_whole_article_are_text_too() -> None:
    near = citation(title=HOSTILE, outlet=HOSTILE) | {"text": HOSTILE}
    article = Article(
        name=HOSTILE, text=HOSTILE, title=HOSTILE, outlet=HOSTILE, region=HOSTILE, url="javascript:alert(4)"
    )
    html = draw.sources(told(passages=[near]), 1, Look()) + draw.article(article, [Stretch(3, 12, 1, "x")], Look())
    page = Reader(html + draw.shelf([article], Look()))
    assert not {"script", "img", "a"} & set(page.tags)
    assert page.text.count("<script>alert(1)</script>") == 9


def test_a_link_to_the_original_page_is_a_link() -> None:
    article = Article(name="a", text="Text.", title="Title", url="https://harbour.example/bridge")
    assert 'href="https://harbour.example/bridge" rel="noreferrer noopener"' in draw.article(article, [], Look())


def test_word_help_escapes_what_it_does_not_explain() -> None:
    from qa.web.gloss import explained

    page = Reader(explained("川普<img src=x onerror=alert(1)>說"))
    assert set(page.tags) == {"span"} and page.text == "川普<img src=x onerror=alert(1)>說"
    assert ("data-meaning", "Donald Trump") in page.attributes or ("data-meaning", "Trump") in page.attributes


# --- marks ---------------------------------------------------------------------------


def test_the_quote_is_marked_in_its_passage() -> None:
    html = draw.sources(told(citation()), 3, Look())
    mark = '<mark class="qa-quote" id="quote-3-1" tabindex="-1" data-number="1">'
    assert f"Before. {mark}The bridge cost $600 million.</mark> After." in html


def test_a_mark_leads_to_the_card_of_its_source() -> None:
    turn = told(citation(), citation(number=2, article="b.md", outlet="Times"))
    assert re.findall(r'href="(#source-[\d-]+)"', draw.turn(turn, 4, Look())) == ["#source-4-1", "#source-4-2"]
    assert re.findall(r'id="(source-[\d-]+)"', draw.sources(turn, 4, Look())) == ["source-4-1", "source-4-2"]


def test_several_outlets_behind_a_statement_are_told() -> None:
    turn = told(citation(), citation(number=2, article="b.md", outlet="Times"))
    assert say("outlets", "en", number=2) in draw.turn(turn, 1, Look())


def test_stretches_that_overlap_or_lie_outside_do_not_break_the_text() -> None:
    stretches = [Stretch(2, 5, 1), Stretch(4, 8, 2), Stretch(90, 95, 3)]
    html = paragraphs("0123456789\n\nabc", stretches, Manner("en", ""))
    assert Reader(html).text == "0123456789abc" and html.count("<mark") == 1


def test_a_quote_over_two_lines_is_marked_in_both() -> None:
    html = paragraphs("One.\nTwo.", [Stretch(0, 9, 1, "q")], Manner("en", ""))
    assert html.count("<mark") == 2 and html.count('id="q"') == 1


def test_a_quote_that_no_longer_stands_is_not_marked(desk: Desk) -> None:
    ask = caller(desk)
    name = desk.articles()[0].name
    quotes = [{"start": 0, "end": 5, "quote": "gone!", "number": 1}]
    assert "<mark" not in ask("article", article=name, quotes=quotes)["html"]


# --- scripts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "region", "choice", "text", "shown", "lang"),
    [
        ("zh-Hant", "TW", "cn", "核電廠的軟體", "核电厂的软件", "zh-Hans-CN"),
        ("zh-Hant", "TW", "hk", "核電廠的軟體", "核電廠的軟件", "zh-Hant-HK"),
        ("zh-Hant", "HK", "tw", "裏面", "裡面", "zh-Hant-TW"),
        ("zh-Hans", "", "tw", "软件", "軟體", "zh-Hant-TW"),
        ("zh-Hant", "TW", "tw", "核電廠", "核電廠", "zh-Hant-TW"),
        ("zh-Hant", "HK", "original", "核電站", "核電站", "zh-Hant-HK"),
        ("en", "INT", "cn", "plant", "plant", "en"),
    ],
)
def test_a_text_is_shown_in_the_chosen_script(
    language: str, region: str, choice: str, text: str, shown: str, lang: str
) -> None:
    manner = Manner(language, region, choice)
    assert (str(manner.show(text)), manner.tag) == (shown, lang)


def test_a_converted_quote_carries_its_original() -> None:
    one = citation(quote="核電廠", context="前核電廠後", language="zh-Hant", region="TW")
    html = draw.sources(told(one), 1, Look("en", "cn"))
    assert (
        '<mark class="qa-quote" id="quote-1-1" tabindex="-1" data-number="1" data-original="核電廠">核电厂</mark>'
        in html
    )
    assert say("converted", "en") in html and "「核電廠」" in html


def test_english_is_never_converted() -> None:
    assert convert("text", usage("en", "TW"), "cn") == "text" and tag("en", "TW") == "en"


# --- citing and exporting ------------------------------------------------------------------


def test_a_citation_in_three_forms() -> None:
    one = citation(title="A *bold* title", quote="<b> costs\n60%")
    assert as_text(one) == "“<b> costs 60%” — A *bold* title, Post, 2025-03-01"
    assert as_markdown(one) == "> \\<b\\> costs 60%\n>\n> — *A \\*bold\\* title*, Post, 2025-03-01"
    assert as_html(one).startswith('<blockquote lang="en"><p>&lt;b&gt; costs 60%</p><footer>— <cite>A *bold* title')


def test_the_page_holds_every_form_of_a_citation_whole() -> None:
    one = citation(quote='"<b>" & 60%', title=HOSTILE)
    pasted = [value for name, value in Reader(draw.sources(told(one), 1, Look())).attributes if name == "data-copy"]
    assert pasted == [as_text(one), as_markdown(one), as_html(one)]


COPY = {"article": "b.md", "title": "Bridge", "outlet": "Echo", "published": None, "start": 7, "end": 36}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_names_the_copies_of_its_report_each_with_its_place(language: Script) -> None:
    copies = [COPY, COPY | {"article": "c.md", "outlet": "", "published": "2025-03-02"}]
    drawn = Reader(draw.sources(told(citation(copies=copies)), 1, Look(language)))
    lead, undated = COPIES[language].format(outlets="").strip(), UNDATED[language]
    assert f"{lead} Echo, {undated} Bridge, 2025-03-02" in " ".join(drawn.text.split())
    places = [drawn.attributes[at : at + 3] for at, each in enumerate(drawn.attributes) if each[0] == "data-article"]
    assert places[1:] == [
        [("data-article", name), ("data-start", "7"), ("data-end", "36")] for name in ("b.md", "c.md")
    ]


def test_a_source_that_no_other_outlet_carries_says_nothing_of_copies() -> None:
    for one in (citation(copies=[]), citation()):  # the second as an earlier version kept it
        assert "The same report" not in draw.sources(told(one), 1, Look())


def test_copies_are_shown_as_text() -> None:
    hostile = dict.fromkeys(COPY, HOSTILE) | {"start": 7, "end": 36}
    drawn = Reader(draw.sources(told(citation(copies=[hostile])), 1, Look()))
    assert HOSTILE in drawn.text and not {"script", "img"} & set(drawn.tags)


def test_the_export_as_json_is_the_contract(desk: Desk) -> None:
    turn = caller(desk)("ask", question="What did the bridge cost?", number=1)["turn"]
    (out,) = json.loads(exported([turn], "json")["text"])
    assert out == plain(turn) and set(out) >= {"question", "found", "citations", "passages", "index"}
    assert not {"words", "sure", "filters"} & set(out)


def test_the_export_as_markdown_holds_the_quotes(desk: Desk) -> None:
    turn = caller(desk)("ask", question="What did the bridge cost?", number=1)["turn"]
    text = exported([turn], "markdown")["text"]
    assert text.startswith("## What did the bridge cost?\n") and "> The bridge cost $600 million" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", r"> (The same report also in: Birch \*Times\*)"),
        ("zh-Hant", r"> (同一篇報導亦見於：Birch \*Times\*)"),
        ("zh-Hans", r"> (同一篇报道亦见于：Birch \*Times\*)"),
    ],
)
def test_the_export_as_markdown_names_the_outlets_that_carry_the_same_report(language: str, words: str) -> None:
    copy = {"outlet": "Birch *Times*", "title": "The same", "published": None, "article": "b.md"}
    told_so = told(citation(quote="The ceiling is 600,000.", copies=[copy]), question="How many?", language=language)
    assert words in exported([told_so], "markdown")["text"]


# --- figures ------------------------------------------------------------------------------------


def test_differing_figures_stand_side_by_side() -> None:
    one = citation(quote="The ceiling is 600,000.")
    other = citation(
        quote="6. 上限由60萬改為80萬，戰線1,200公里。", number=2, statement=2, article="b.md", language="zh-Hant"
    )
    found = figures(told(one, other, question="How many soldiers?"))
    assert [(each.written, [c["number"] for c in each.citations]) for each in found] == [
        (("600,000", "60萬"), [1, 2]),
        (("80萬",), [2]),
    ]


def test_figures_that_agree_or_were_not_asked_for_are_not_listed() -> None:
    one, other = citation(quote="It is 600,000."), citation(quote="60萬人", number=2)
    assert figures(told(one, other, question="How many soldiers?")) == ()
    assert figures(told(one, citation(quote="It is 800,000.", number=2), question="Why?")) == ()


# --- what the page calls -------------------------------------------------------------------------


@pytest.fixture
def desk(corpus: Path, index: Path, encoder: Any) -> Desk:
    """Return a desk over the small corpus, opened with the encoder computed on paper."""
    made = Desk(index, corpus, encoder=encoder)
    assert made.assistant()
    return made


def caller(desk: Desk, notes: Path | None = None) -> Callable[..., dict[str, Any]]:
    """Return what calls the server's functions as the page does."""
    editor = Editor(desk.corpus, allowed=True, password="secret")  # noqa: S106 - a password for the test
    every = [
        *functions(desk, notes or desk.index / "feedback.jsonl"),
        *batch_functions(Batches(desk.opened)),
        *corpus_functions(desk, editor),
    ]
    known = {each.__name__: each for each in every}

    def call(function: str, /, **given: Any) -> dict[str, Any]:
        return known[function]({"look": {"language": "en"}} | given)

    return call


@pytest.mark.parametrize("sent", [None, 7, "text", [], {}, {"look": 1}, {"look": {}, "question": None}], ids=repr)
def test_whatever_is_sent_is_answered_in_words(desk: Desk, sent: object) -> None:
    every = [
        *functions(desk, desk.index / "f"),
        *batch_functions(Batches(desk.opened)),
        *corpus_functions(desk, Editor(desk.corpus)),
    ]
    for function in every:
        assert isinstance(function(sent), dict), function.__name__


def test_an_answer_comes_as_a_record_and_as_html(desk: Desk) -> None:
    reply = caller(desk)("ask", question="What did the bridge cost?", number=2)
    assert reply["turn"]["found"] and 'id="turn-2"' in reply["answer"] and 'id="source-2-1"' in reply["sources"]


def test_a_question_that_is_too_long_is_told_in_the_readers_language(desk: Desk) -> None:
    reply = caller(desk)("ask", question="x" * 20_000, number=1, look={"language": "zh-Hant"})
    assert reply == {"error": say("too_long", "zh-Hant", length=20_000, limit=2000)}


def test_a_question_that_was_stopped_is_not_answered(desk: Desk) -> None:
    call = caller(desk)
    call("stop", key="7")
    assert call("ask", question="What did the bridge cost?", number=1, key="7") == {"stopped": True}
    assert call("ask", question="What did the bridge cost?", number=1, key="8")["turn"]["found"]


def test_a_refusal_shows_what_is_near(desk: Desk) -> None:
    reply = caller(desk)("ask", question="Who won the cup?", number=1)
    assert not reply["turn"]["found"] and reply["turn"]["words"]["refusal"] in Reader(reply["answer"]).text
    assert reply["turn"]["passages"] and "qa-nearby" in reply["sources"]
    assert re.findall(r'data-reason="(\w+)"', reply["answer"]) == ["missing_passage"]


def test_filters_say_what_they_exclude(desk: Desk) -> None:
    total = len(desk.articles())
    assert caller(desk)("narrow", filters={})["words"] == ""
    assert caller(desk)("narrow", filters={"until": "1900-01-01"})["words"].startswith(f"0 of {total} ")
    reply = caller(desk)("narrow", filters={"since": "2025-02-02", "until": "2025-01-01"})
    assert reply == {"error": say("bad_range", "en")}


def test_a_turn_drawn_again_is_the_same(desk: Desk) -> None:
    call = caller(desk)
    reply = call("ask", question="What did the bridge cost?", number=1)
    kept = json.loads(json.dumps(reply["turn"]))
    assert call("render", turns=[kept])["turns"] == [{"answer": reply["answer"], "sources": reply["sources"]}]


def test_a_record_keeps_its_filters(desk: Desk) -> None:
    assistant = desk.assistant()
    assert assistant
    filters = Filters(language="en", since="2020-01-01")
    assert record(assistant.ask("What?"), filters)["filters"] == {"since": "2020-01-01", "language": "en"}


def test_before_there_is_an_index_the_page_is_told_to_wait(tmp_path: Path) -> None:
    empty = Desk(tmp_path / "index", tmp_path)
    reply = caller(empty)("ask", question="What?", number=1)
    assert reply["waiting"]["stage"] == "model" and reply["waiting"]["words"] == say("preparing_model", "en")


def test_feedback_becomes_a_row_of_gold(desk: Desk, tmp_path: Path) -> None:
    call, notes = caller(desk, tmp_path / "notes.jsonl"), tmp_path / "notes.jsonl"
    turn = call("ask", question="What did the bridge cost?", number=1)["turn"]
    call("feedback", turn=turn, good=True)
    call("feedback", turn=turn, good=False, reason="should_decline")
    good, bad = (json.loads(line) for line in notes.read_text("utf-8").splitlines())
    assert (good["question"], good["answerable"], good["verdict"]) == (turn["question"], True, "good")
    assert good["accept"] == [[turn["citations"][0]["quote"]]]
    assert good["articles"] == [turn["citations"][0]["article"]]
    assert (bad["answerable"], bad["accept"], bad["reason"]) == (False, [], "should_decline")


# --- batches ------------------------------------------------------------------------------------------


def finished(call: Callable[..., dict[str, Any]], job: str, look: object = None) -> dict[str, Any]:
    """Wait for a batch and return its last state, all rows drawn."""
    import time

    until = time.monotonic() + 30
    while time.monotonic() < until:
        reply = call("batch_look", job=job, start=0, look=look or {})
        if reply["stage"] != "running":
            return reply
        time.sleep(0.02)
    raise TimeoutError


def sent(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_batch_is_answered_and_downloaded_in_every_form(desk: Desk) -> None:
    call = caller(desk)
    job = call(
        "batch_start", name="../my questions.csv", data=sent("question,who\nWhat did the bridge cost?,a\n<b>?,b\n")
    )["job"]
    reply = finished(call, job)
    assert (reply["stage"], reply["done"], reply["total"]) == ("done", 2, 2)
    assert "&lt;b&gt;?" in reply["html"] and reply["html"].count("<tr>") == 2
    for form in ("xlsx", "csv", "jsonl", "md"):
        file = call("batch_download", job=job, form=form)
        assert file["name"] == f"my questions-answers.{form}" and len(base64.b64decode(file["data"])) > 100
    lines = base64.b64decode(call("batch_download", job=job, form="jsonl")["data"]).decode().splitlines()
    assert json.loads(lines[0])["input"] == {"question": "What did the bridge cost?", "who": "a"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistake_is_told_in_the_readers_language(desk: Desk, language: Script) -> None:
    call, look = caller(desk), {"language": language}
    (desk.corpus / "bad.md").write_bytes(b"\x00\x01\x02")
    told = [
        call("batch_start", name="q.csv", data=sent("a,b\n1,2\n"), look=look)["error"],
        call("batch_start", name="q.exe", data=sent("x"), look=look)["error"],
        call("corpus_add", name="n.exe", data=sent("x"), password="secret", look=look)["error"],  # noqa: S106
        call("corpus_remove", article="n.md", password="wrong", look=look)["error"],  # noqa: S106
        call("ask", question="What?", number=1, filters={"since": "soon"}, look=look)["error"],
        Reader(call("corpus", look=look)["html"]).text.split("bad.md")[1],
    ]
    asked = call("batch_start", name="q.csv", data=sent("question,since\nWhat?,soon\n"), look=look)["job"]
    told.append(Reader(finished(call, asked, look)["html"]).text.split("What?")[1])
    english = "columns files read wrong date binary date".split()
    for words, word in zip(told, english, strict=True):
        assert (word in words) == (language == "en") and (language == "en" or HAN.search(words)), words


@pytest.mark.parametrize(
    ("name", "data"),
    [("q.exe", sent("x")), ("q.csv", sent("a,b\n1,2\n")), ("q.txt", ""), ("q.txt", "not base64!"), ("", sent("x"))],
)
def test_a_file_that_cannot_be_asked_is_told_why_without_the_servers_folders(desk: Desk, name: str, data: str) -> None:
    reply = caller(desk)("batch_start", name=name, data=data)
    assert set(reply) == {"error"} and "news-qa-batch" not in reply["error"] and len(reply["error"]) > 15


def test_nobody_reads_a_batch_without_its_name(desk: Desk) -> None:
    for name in ("batch_look", "batch_download"):
        assert caller(desk)(name, job="x", start=0, form="csv") == {"error": say("batch_gone", "en")}


# --- the corpus ------------------------------------------------------------------------------------------


def test_holdings_tell_the_state_of_every_article(desk: Desk) -> None:
    first, second, *_ = sorted(path for path in desk.corpus.rglob("*.md"))
    first.write_text(first.read_text("utf-8") + "\n\nOne more line.\n", "utf-8")
    second.unlink()
    (desk.corpus / "new.md").write_text(
        "---\ntitle: New\ndate: 2025-05-05\n---\n\nSomething new has happened here.\n", "utf-8"
    )
    (desk.corpus / "bad.md").write_bytes(b"\x00\x01\x02")
    found = holdings(desk.corpus, desk.opened())
    states = {each.article.name: each.state for each in found.held}
    assert states[first.relative_to(desk.corpus).as_posix()] == "changed"
    assert states[second.relative_to(desk.corpus).as_posix()] == "removed"
    assert states["new.md"] == "new" and "indexed" in states.values() and found.moved_on
    assert [each.name for each in found.skipped] == ["bad.md"]
    html = caller(desk)("corpus")["html"]
    assert (
        all(say(f"state_{state}", "en") in html for state in ("new", "changed", "removed", "indexed"))
        and "bad.md" in html
    )


def test_the_timeline_counts_each_day_by_outlet() -> None:
    made = Article(name="a", text="", title="", outlet="Post", published="2025-03-01")
    columns = timeline([made, replace(made, outlet="Times"), made, replace(made, published=None)])
    assert [(each.label, dict(each.counts)) for each in columns] == [("2025-03-01", {"Post": 2, "Times": 1})]


def test_many_days_are_counted_by_month() -> None:
    made = Article(name="a", text="", title="")
    columns = timeline([replace(made, published=f"2025-03-{day:02}") for day in range(1, 32)], most=30)
    assert [(each.label, each.since, each.until) for each in columns] == [("2025-03", "2025-03-01", "2025-03-31")]


def test_an_article_is_added_and_removed_with_the_password(desk: Desk) -> None:
    call, data = caller(desk), sent("---\ntitle: New\n---\n\nSomething new has happened here.\n")
    assert "error" not in call("corpus_add", name="new.md", data=data, password="secret")  # noqa: S106
    assert (desk.corpus / "new.md").read_text("utf-8").startswith("---\ntitle: New")
    assert "there is a file of this name" in call("corpus_add", name="new.md", data=data, password="secret")["error"]  # noqa: S106
    assert "error" not in call("corpus_remove", article="new.md", password="secret")  # noqa: S106
    assert not (desk.corpus / "new.md").exists()


@pytest.mark.parametrize("name", ["corpus_add", "corpus_remove", "corpus_rebuild"])
@pytest.mark.parametrize("password", ["", "wrong"])
def test_nothing_is_changed_without_the_password(desk: Desk, name: str, password: str) -> None:
    article = desk.articles()[0].name
    reply = dict(
        functions_of(desk)[name]({"look": {}, "article": article, "name": "n.md", "data": "", "password": password})
    )
    assert "password" in reply["error"] and (desk.corpus / article).exists() and not (desk.corpus / "n.md").exists()


def functions_of(desk: Desk) -> dict[str, Callable[[Any], dict[str, Any]]]:
    """Return the functions of the Corpus tab behind a password."""
    editor = Editor(desk.corpus, allowed=True, password="secret")  # noqa: S106 - a password for the test
    return {each.__name__: each for each in corpus_functions(desk, editor)}


def test_nothing_is_changed_unless_the_server_was_started_so(desk: Desk) -> None:
    for function in corpus_functions(desk, Editor(desk.corpus))[1:]:
        assert "--editable" in function({"look": {}, "name": "n.md", "data": "", "article": "x"})["error"]


@pytest.mark.parametrize("name", ["../out.md", "/etc/x.md", "..\\out.md", ".md", "a.exe", "", "names.tsv/../../x.md"])
def test_a_file_is_written_into_the_folder_itself_or_not_at_all(desk: Desk, name: str) -> None:
    before = {path for path in desk.corpus.parent.rglob("*") if desk.index not in path.parents}
    caller(desk)("corpus_add", name=name, data=sent("Text."), password="secret")  # noqa: S106
    after = {path for path in desk.corpus.parent.rglob("*") if desk.index not in path.parents}
    assert all(path.parent == desk.corpus and path.suffix == ".md" for path in after - before)


@pytest.mark.parametrize("name", ["../outside.md", "missing.md", "", "."])
def test_only_a_file_of_the_folder_is_removed(desk: Desk, name: str) -> None:
    outside = desk.corpus.parent / "outside.md"
    outside.write_text("Text.", "utf-8")
    reply = caller(desk)("corpus_remove", article=name, password="secret")  # noqa: S106
    assert "error" in reply and outside.exists()


# --- changing over ------------------------------------------------------------------------------------------------


def test_a_new_index_is_answered_from_at_the_next_question(desk: Desk, encoder: Any) -> None:
    before = desk.opened()
    (desk.corpus / "new.md").write_text("---\ntitle: New\n---\n\nThe library was closed in May.\n", "utf-8")
    build(desk.corpus, desk.index, encoder=encoder)
    after = desk.opened()
    assert before and after and after.index.generation != before.index.generation
    assert after.encoder is before.encoder and desk.find("new.md")
