"""The chat as a reader meets it, in a real browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.model]

Open = Callable[..., Any]
QUESTIONS = [
    ("What does the plan say about the Zaporizhzhia plant?", "en"),
    ("札波羅熱核電廠由誰監督？", "zh-Hant"),
    ("扎波罗热核电站由谁监督？", "zh-Hans"),
]
PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.mark.parametrize(("question", "language"), QUESTIONS, ids=[language for _, language in QUESTIONS])
def test_a_question_is_answered_with_marked_quotes(window: Open, question: str, language: str) -> None:
    page = (opened := window()).page
    turn = opened.ask(question)
    assert turn.locator("h2").get_attribute("lang") == language
    quote = turn.locator("blockquote").first
    assert quote.get_attribute("lang") and quote.locator("a.qa-mark").first.inner_text() == "1"
    shown = page.locator("#source-1-1 mark")
    assert shown.inner_text().split()[0] in quote.inner_text()
    assert page.locator("#source-1-1 .qa-meta").inner_text().count("·") >= 2


def test_an_example_is_answered(window: Open) -> None:
    page = window().page
    for place in range(page.locator(".qa-examples button").count()):
        page.click("#new")
        page.locator(".qa-examples button").nth(place).click()
        page.wait_for_selector(".qa-answer")
        assert page.locator(".qa-answer .qa-mark").count() >= 1, place


def test_a_mark_leads_to_its_highlighted_quote(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("札波羅熱核電廠由誰監督？")
    opened.ask("Who drafted the 28-point plan?")
    page.locator("#turn-1 a.qa-mark").last.click()
    assert page.locator("#turn-1.qa-selected").count() == 1
    number = page.locator("#turn-1 a.qa-mark").last.get_attribute("href").removeprefix("#source-1-")
    card = page.locator(f"#source-1-{number}")
    assert card.evaluate("card => card === document.activeElement")
    assert card.locator("mark").first.is_visible()


@pytest.mark.parametrize(
    ("locale", "lead"),
    [("en-GB", "The same report also in:"), ("zh-TW", "同一篇報導亦見於："), ("zh-CN", "同一篇报道亦见于：")],
)
def test_the_copies_of_a_report_open_at_their_own_place(window: Open, locale: str, lead: str) -> None:
    page = (opened := window(locale=locale)).page
    opened.ask("Who drew up the tunnel under the Skarvik strait?")
    also = page.locator("#source-1-1 .qa-also")
    assert also.inner_text().startswith(lead)
    other = also.locator("button")
    assert other.inner_text() == 'Cedar <img src=x onerror="window.hurt = 6"> News, 2025-11-19'
    quote = page.locator("#source-1-1 mark").inner_text()
    other.click()
    shown = page.locator("#article-body mark.qa-here")
    shown.wait_for()
    assert shown.inner_text().rstrip(".") == quote.rstrip(".")  # a copy is found by its words
    assert page.locator("#article-body").inner_text().startswith("Ferry <b>ends</b>")
    assert page.evaluate("window.hurt") is None


def test_the_whole_article_opens_at_the_quote_and_escape_closes_it(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("札波羅熱核電廠由誰監督？")
    quote = page.locator("#source-1-1 mark").inner_text()
    page.locator("#source-1-1 [data-do=article]").click()
    mark = page.locator("dialog[open] mark.qa-here")
    mark.wait_for()
    assert mark.inner_text() == quote
    top, bottom = mark.evaluate("mark => [mark.getBoundingClientRect().top, innerHeight]")
    assert 0 < top < bottom
    page.keyboard.press("Escape")
    assert not page.locator("dialog[open]").count()


def test_a_refusal_says_why_and_shows_what_is_near(window: Open) -> None:
    page = (opened := window()).page
    turn = opened.ask("Who won the 2022 World Cup?")
    assert "do not answer this" in turn.locator(".qa-refusal").inner_text()
    assert page.locator("#cards .qa-near").inner_text() == "Not an answer, but near:"
    assert page.locator("#cards .qa-nearby").count() >= 1 and not page.locator("#cards mark").count()


def test_why_a_passage_is_told_on_demand(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("Who supervises the Zaporizhzhia plant?")
    assert not page.locator(".qa-scores").first.is_visible()
    page.locator("#source-1-1 .qa-why summary").click()
    assert page.locator("#source-1-1 .qa-scores").is_visible()


# --- scripts and languages -----------------------------------------------------------------


def test_the_script_of_a_source_is_switched_and_the_original_is_copied(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("札波羅熱核電廠由誰監督？")
    card = page.locator("#cards .qa-card", has=page.locator('.qa-passage[lang^="zh-Hant"]')).first
    name, original = f"#{card.get_attribute('id')}", card.locator("mark").first.inner_text()
    page.check("#sources input[value=cn]")
    page.wait_for_selector(f'{name} .qa-passage[lang="zh-Hans-CN"]')
    assert page.locator(f"{name} mark").first.inner_text() != original
    page.evaluate(f"getSelection().selectAllChildren(document.querySelector('{name} mark'))")
    page.keyboard.press("Control+C")
    assert page.evaluate("navigator.clipboard.readText()") == original
    page.locator(f"{name} .qa-menu summary").click()
    page.locator(f"{name} [data-form=text]").click()
    page.wait_for_selector(".qa-toast.qa-shown")
    assert original in page.evaluate("navigator.clipboard.readText()")
    page.check("#sources input[value=original]")
    page.wait_for_selector(f'{name} .qa-passage[lang^="zh-Hant"]')
    assert page.locator(f"{name} mark").first.inner_text() == original


@pytest.mark.parametrize(
    ("locale", "button"),
    [("en-GB", "Ask"), ("zh-TW", "提問"), ("zh-HK", "提問"), ("zh-CN", "提问"), ("zh-Hans", "提问"), ("fr-FR", "Ask")],
)
def test_the_interface_is_in_the_browsers_language_at_first(window: Open, locale: str, button: str) -> None:
    assert window(locale=locale).page.locator("#send").inner_text() == button


def test_the_interface_language_is_switched_and_remembered(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("Who won the 2022 World Cup?")
    page.select_option("#language", "zh-Hant")
    page.wait_for_function("document.querySelector('.qa-turn [data-do=retry]').textContent === '再問一次'")
    assert page.locator("#sources-title").inner_text() == "出處"
    assert page.get_attribute("#question", "placeholder") == "用中文或英文詢問這些報導的內容"
    page.reload()
    page.wait_for_selector(".qa-turn")
    assert page.locator("#send").inner_text() == "提問" and page.locator("html").get_attribute("lang") == "zh-Hant"


def test_word_help_explains_a_chinese_word(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("札波羅熱核電廠由誰監督？")
    page.check("#sources .qa-gloss")
    page.wait_for_selector("#cards .qa-word", timeout=30_000)
    page.locator("#cards .qa-word", has_text="烏克蘭").or_(page.locator("#cards .qa-word")).first.hover()
    assert page.locator("#tip").is_visible() and page.locator("#tip").inner_text().isascii() is not None


def test_several_outlets_behind_a_statement_are_shown_as_such(window: Open) -> None:
    turn = (opened := window()).ask("How much did the Holmvik bridge cost?")
    statement = turn.locator(".qa-statement", has_text="2 outlets say this").first
    assert {"Harbour Post", "Valley Echo"} <= {
        when.split(" · ")[0] for when in statement.locator(".qa-when").all_inner_texts()
    }
    assert statement.locator("a.qa-mark").count() >= 2 and opened.page.locator("#cards .qa-card").count() >= 2


def test_figures_that_differ_stand_side_by_side_and_lead_to_their_sources(window: Open) -> None:
    page = (opened := window()).page
    turn = opened.ask("How much did the Holmvik bridge cost?")
    rows = turn.locator(".qa-figures tr")
    told = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in rows.all()}
    assert len(told) >= 2 and "2025-11-20" in told["7億"] and "Harbour Post" in told["600 million"]
    rows.last.locator("a.qa-mark").first.click()
    assert page.evaluate("document.activeElement.classList.contains('qa-card')")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("markdown", "> The new Holmvik bridge cost 600 million crowns to build, the county said."),
        ("html", '<blockquote lang="en"><p>The new Holmvik bridge cost 600 million crowns to build'),
    ],
)
def test_a_citation_is_copied_as_markdown_and_as_html(window: Open, form: str, told: str) -> None:
    page = (opened := window()).page
    opened.ask("How much did the Holmvik bridge cost?")
    card = page.locator("#cards .qa-card", has_text="Harbour Post").first
    card.locator(".qa-menu summary").click()
    card.locator(f"[data-form={form}]").click()
    page.wait_for_selector(".qa-toast.qa-shown")
    kind = {"markdown": "text/plain", "html": "text/html"}[form]
    copied = page.evaluate(
        """async (kind) => {
        const [item] = await navigator.clipboard.read();
        return (await item.getType(kind)).text();
      }""",
        kind,
    )
    assert told in copied
    assert all(part in copied for part in ("Holmvik bridge opens", "Harbour Post", "2025-11-18"))


# --- conversation ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then", "told"),
    [
        ("What does the 28-point plan say about the nuclear plant?", "And the army?", "60萬"),
        ("美國的28點計畫怎麼規定核電廠？", "那軍隊呢？", "60萬"),
        ("美国的28点计划怎么规定核电站？", "那军队呢？", "60萬"),
    ],
    ids=["en", "zh-Hant", "zh-Hans"],
)
def test_a_question_that_leans_on_the_one_before_is_answered(window: Open, first: str, then: str, told: str) -> None:
    opened = window()
    opened.ask(first)
    turn = opened.ask(then)
    assert told in " ".join(turn.locator("blockquote").all_inner_texts()).replace("60万", "60萬")
    if turn.locator(".qa-reading").count():
        assert first in turn.locator(".qa-reading").inner_text()


def test_a_question_is_edited_and_what_came_after_goes(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("Who won the 2022 World Cup?")
    opened.ask("Who drafted the 28-point plan?")
    page.locator("#turn-1 [data-do=edit]").click()
    assert page.input_value("#question") == "Who won the 2022 World Cup?"
    opened.ask("Who supervises the Zaporizhzhia plant?")
    page.wait_for_function("document.querySelectorAll('.qa-turn').length === 1")


def test_the_conversation_outlives_a_reload_and_is_cleared(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("Who drafted the 28-point plan?")
    page.reload()
    page.wait_for_selector("#turn-1 .qa-answer")
    page.click("#new")
    page.wait_for_selector("#welcome")
    page.click("#history summary")
    page.locator("#history-list .qa-open", has_text="Who drafted").click()
    page.wait_for_selector("#turn-1 .qa-answer")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#history summary")
    page.locator("#history-list > button").click()
    page.wait_for_selector("#welcome")
    assert page.evaluate("localStorage.getItem('news-qa.talks')") == "[]"


def test_a_link_reopens_a_question_with_its_filters(window: Open) -> None:
    page = (opened := window()).page
    page.click("#narrow")
    page.fill("[name=since]", "2025-11-24")
    opened.ask("札波羅熱核電廠由誰監督？")
    page.locator("#turn-1 [data-do=link]").click()
    page.wait_for_selector(".qa-toast.qa-shown")
    link = page.evaluate("navigator.clipboard.readText()")
    other = window(link[link.index("/?") :]).page
    other.wait_for_selector("#turn-1 .qa-answer")
    assert other.locator("#turn-1 h2").inner_text() == "札波羅熱核電廠由誰監督？"
    assert other.locator("#turn-1 .qa-chip").inner_text() == "from 2025-11-24"


def test_the_conversation_is_exported(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("Who drafted the 28-point plan?")
    for form, name in (("json", "conversation.json"), ("markdown", "conversation.md")):
        page.click("#export summary")
        with page.expect_download() as download:
            page.click(f"#export [data-form={form}]")
        assert download.value.suggested_filename == name
        text = download.value.path().read_text("utf-8")
        assert "Who drafted the 28-point plan?" in text
        if form == "json":
            assert json.loads(text)[0]["citations"]


def test_a_verdict_with_a_reason_is_noted(window: Open, server: Any) -> None:
    page = (opened := window()).page
    opened.ask("Who drafted the 28-point plan?")
    page.locator("#turn-1 [data-do=bad]").click()
    page.locator("#turn-1 [data-reason=wrong_passage]").click()
    page.wait_for_selector("#turn-1 [data-do=bad][aria-pressed=true]")
    assert json.loads(server.feedback.read_text("utf-8").splitlines()[-1])["reason"] == "wrong_passage"


def test_reviewed_feedback_is_gold_for_eval(window: Open, server: Any, tmp_path: Path) -> None:
    page = (opened := window()).page
    for question in ("Who drafted the 28-point plan?", "Who won the 2022 World Cup?"):
        turn = opened.ask(question)
        turn.locator("[data-do=good]").click()
        turn.locator("[data-do=good][aria-pressed=true]").wait_for()
    opened.ask("誰監督核電廠？")
    page.locator("#turn-3 [data-do=bad]").click()
    page.locator("#turn-3 [data-reason=wrong_passage]").click()
    page.wait_for_selector("#turn-3 [data-do=bad][aria-pressed=true]")
    noted = [json.loads(line) for line in server.feedback.read_text("utf-8").splitlines()[-3:]]
    assert [(each["answerable"], bool(each["accept"])) for each in noted] == [
        (True, True),
        (False, False),
        (True, False),
    ]
    noted[2]["accept"] = [["IAEA"], ["國際原子能"]]  # what the person who reviews it adds
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(each) + "\n" for each in noted), "utf-8")
    command = [
        sys.executable,
        "-m",
        "qa",
        "eval",
        str(gold),
        "--index",
        str(server.feedback.parent / "index"),
        "--json",
    ]
    told = json.loads(subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout)["all"]
    assert (told["questions"], told["answerable"]) == (3, 2)
    assert told["answer@1"]["value"] >= 0.5 and told["refusal_recall"]["value"] == 1.0


# --- narrowing -------------------------------------------------------------------------------


def test_a_date_filter_is_a_chip_that_says_what_it_excludes_and_goes(window: Open) -> None:
    page = (opened := window()).page
    page.click("#narrow")
    page.fill("[name=since]", "2025-11-25")
    page.wait_for_function("/left out/.test(document.querySelector('#chips').textContent)")
    opened.ask("札波羅熱核電廠由誰監督？")
    assert {meta.split(" · ")[1] for meta in page.locator("#cards .qa-meta").all_inner_texts()} == {"2025-11-25"}
    page.locator("#chips button").click()
    assert not page.locator("#chips > *").count() and page.input_value("[name=since]") == ""


@pytest.mark.parametrize(
    ("name", "value", "chip", "meta"),
    [("outlet", "Harbour Post", "Harbour Post", "Harbour Post"), ("language", "zh", "Chinese", "Traditional Chinese")],
)
def test_outlet_and_language_narrow_and_say_what_they_exclude(
    window: Open, name: str, value: str, chip: str, meta: str
) -> None:
    page = (opened := window()).page
    page.click("#narrow")
    page.select_option(f"[name={name}]", value)
    page.wait_for_function("/left out/.test(document.querySelector('#chips').textContent)")
    assert page.locator("#chips button").inner_text().startswith(chip)
    admitted, total, excluded = map(int, re.findall(r"\d+", page.locator("#chips > span").inner_text()))
    assert 0 < admitted < total == admitted + excluded
    turn = opened.ask("How much did the Holmvik bridge cost?")
    assert turn.locator(".qa-chip").inner_text() == chip
    assert all(meta in told for told in page.locator("#cards .qa-meta").all_inner_texts())
    page.locator("#chips button").focus()
    page.keyboard.press("Enter")
    assert not page.locator("#chips > *").count() and page.input_value(f"[name={name}]") == ""


# --- manners ---------------------------------------------------------------------------------


def press_until(page: Any, key: str, there: str) -> None:
    """Press a key until the focus is where it should be."""
    for _ in range(80):
        page.keyboard.press(key)
        if page.evaluate(f"document.activeElement.matches('{there}')"):
            return
    raise AssertionError(f"{key} does not lead to {there}")


def test_from_the_question_to_the_article_and_back_by_keyboard_alone(window: Open) -> None:
    page = window().page
    press_until(page, "Tab", "#question")
    page.keyboard.type("Who drafted the 28-point plan?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#turn-1 .qa-answer")
    press_until(page, "Shift+Tab", "#turn-1 a.qa-mark[href='#source-1-1']".replace("'", '"'))
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "source-1-1"
    press_until(page, "Tab", "[data-do=article]")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] mark.qa-here")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.do") == "article" and not page.locator("dialog[open]").count()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#source-1-1"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "question"


def test_enter_that_chooses_a_character_does_not_send(window: Open) -> None:
    page = window().page
    page.fill("#question", "札波")
    page.dispatch_event("#question", "keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    assert page.input_value("#question") == "札波" and not page.locator(".qa-turn").count()


@pytest.mark.parametrize("view", ["ask", "batch", "corpus"])
def test_a_phone_scrolls_in_one_direction_only(window: Open, view: str) -> None:
    page = (opened := window(**PHONE)).page
    opened.ask("What does the plan say about the Zaporizhzhia plant?")
    page.click(f"nav [data-view={view}]")
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if view == "ask":
        page.locator("a.qa-mark").first.tap()
        assert page.locator("#source-1-1 mark").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(window: Open, scheme: str) -> None:
    page = (opened := window(color_scheme=scheme)).page
    opened.ask("Who drafted the 28-point plan?")
    ratio = page.evaluate(
        """() => {
        const light = (colour) => {
          const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
          const [r, g, b] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const of = (selector, name) => light(getComputedStyle(document.querySelector(selector))[name]);
        const ratio = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
        const [paper, sheet] = [of('.qa-app', 'backgroundColor'), of('.qa-right', 'backgroundColor')];
        return Math.min(
          ratio(of('blockquote', 'color'), paper), ratio(of('.qa-by', 'color'), paper),
          ratio(of('.qa-sure', 'color'), paper), ratio(of('.qa-meta', 'color'), sheet),
          ratio(of('mark', 'color'), of('mark', 'backgroundColor')),
        );
      }"""
    )
    assert ratio >= 4.5


def test_hostile_articles_are_shown_as_text(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("What did the harbour master of Grimsund say about the lighthouse keeper?")
    card = page.locator("#cards .qa-card", has_text="harbour master of Grimsund").first
    assert "<script>window.hurt = 4</script>" in card.inner_text()
    assert '<img src=x onerror="window.hurt = 2">' in card.locator(".qa-meta").inner_text()
    card.locator("[data-do=article]").click()
    page.wait_for_selector("dialog[open] .qa-whole")
    text = page.locator("dialog[open]").inner_text()
    assert "<b>Grimsund</b>" in text and "**seventeen** [lamps](javascript:alert(1))" in text
    page.keyboard.press("Escape")
    page.click("nav [data-view=corpus]")
    page.wait_for_selector("#corpus-page table")
    assert "<b>Grimsund</b>" in page.locator("#corpus-page").inner_text()
    assert page.evaluate("window.hurt") is None
    assert not page.locator("a[href^=javascript]").count()


def test_a_question_under_way_is_stopped(window: Open) -> None:
    page = window().page
    page.route("**/component_server/", lambda route: page.wait_for_timeout(1500) or route.continue_())
    page.fill("#question", "Who drafted the 28-point plan?")
    page.keyboard.press("Tab")
    page.locator("#send").click(no_wait_after=True)
    page.click("#stop")
    page.unroute_all(behavior="ignoreErrors")
    page.wait_for_selector("#welcome")
    assert not page.locator(".qa-turn").count() and page.locator("#send").is_visible()
    assert page.input_value("#question") == "Who drafted the 28-point plan?"


def test_after_a_stop_the_next_question_is_answered_at_once_and_the_first_one_never(window: Open) -> None:
    page = (opened := window()).page
    held: list[Any] = []

    def hold(route: Any) -> None:
        sent = route.request.post_data or ""
        if "World Cup" in sent and '"fn_name":"ask"' in sent:
            held.append((route, route.fetch()))  # answered, but the answer is on its way for long
        else:
            route.continue_()

    page.route("**/component_server/", hold)
    page.fill("#question", "Who won the 2022 World Cup?")
    page.press("#question", "Enter")
    page.click("#stop")
    turn = opened.ask("Who drafted the 28-point plan?")
    assert turn.locator("a.qa-mark").count()
    ((route, reply),) = held
    route.fulfill(response=reply)
    page.wait_for_timeout(300)
    assert page.locator(".qa-turn h2").all_inner_texts() == ["Who drafted the 28-point plan?"]
    assert page.locator("#send").is_visible()


def test_a_server_that_has_gone_is_told_and_the_question_is_kept(window: Open) -> None:
    page = (opened := window()).page
    page.route("**/component_server/", lambda route: route.abort())
    opened.page.fill("#question", "Who drafted the 28-point plan?")
    page.press("#question", "Enter")
    page.wait_for_selector(".qa-failed")
    assert page.locator(".qa-failed p").inner_text().startswith("The server does not answer.")
    assert page.input_value("#question") == "Who drafted the 28-point plan?"
    page.unroute_all(behavior="ignoreErrors")
    opened.faults.clear()  # the browser notes the aborted request


def test_an_answer_is_asked_again_in_its_place(window: Open) -> None:
    page = (opened := window()).page
    opened.ask("Who drafted the 28-point plan?")
    opened.ask("Who won the 2022 World Cup?")
    page.locator("#turn-1 [data-do=retry]").click()
    page.wait_for_selector("#turn-1:not(.qa-pending) .qa-answer")
    assert page.locator(".qa-turn h2").all_inner_texts() == [
        "Who drafted the 28-point plan?",
        "Who won the 2022 World Cup?",
    ]
