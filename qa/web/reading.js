// Reading sources: from a mark to its quote, the whole article, scripts, word help, copying the original.

let shelfHtml = "";
let opened = null; // the article in the drawer: {article, quotes, at}

function flash(card) {
  card.classList.remove("qa-flash");
  void card.offsetWidth; // begins the animation anew
  card.classList.add("qa-flash");
  card.scrollIntoView({ block: "nearest" });
  card.focus({ preventScroll: true });
  $("mark", card)?.scrollIntoView({ block: "nearest" });
}

let cameFrom = null; // the mark that led to the sources

app.addEventListener("click", (event) => {
  const mark = event.target.closest("a.qa-mark, a.qa-near-link");
  if (!mark) return;
  event.preventDefault();
  cameFrom = mark;
  const number = turnOf(mark);
  if (number !== selected) select(number);
  flash($(mark.getAttribute("href")) ?? $(".qa-card"));
});

// Escape goes back: from a source to the mark that led there, from an answer to the question box.
app.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.closest("dialog, details[open]")) return;
  if (event.target.closest("#sources")) (cameFrom?.isConnected ? cameFrom : box).focus();
  else if (event.target.closest("#turns")) box.focus();
});

// The quotes of the shown turn that stand in one article.
function quotesIn(article) {
  const cited = selected ? talk.turns[selected - 1].citations.filter((each) => each.article === article) : [];
  return cited.map(({ start, end, quote, number }) => ({ start, end, quote, number }));
}

async function openArticle(article, quotes, at) {
  const mine = (opened = { article, quotes, at });
  const [drawer, body] = [$("#article"), $("#article-body")];
  if (!drawer.open) {
    body.replaceChildren();
    drawer.showModal(); // at once; Escape closes it also while the text is on its way
  }
  const reply = await call("article", { article, quotes });
  if (mine !== opened || !drawer.open) return;
  if (reply.error) {
    drawer.close();
    return toast(reply.error);
  }
  body.innerHTML = reply.html;
  body.scrollTop = 0;
  const mark = at && $(`#whole-${at}`, body);
  if (mark) {
    mark.scrollIntoView({ block: "center" });
    mark.focus({ preventScroll: true });
    mark.classList.add("qa-here");
  } else body.focus();
}

actions.article = (button) => {
  const card = button.closest("[data-article]");
  const { article, start, end, number } = card.dataset;
  if (!start) return openArticle(article, quotesIn(article), number ?? "");
  openArticle(article, [{ start, end, number: 1, near: true }], "1");
};
actions.back = () => $(`#turn-${selected}`)?.scrollIntoView({ block: "start" });
actions.close = () => $("#article").close();
actions["next-quote"] = () => {
  const marks = $$("#article-body mark[id]");
  const here = marks.findIndex((mark) => mark.classList.contains("qa-here"));
  marks[here]?.classList.remove("qa-here");
  const next = marks[(here + 1) % marks.length];
  next.classList.add("qa-here");
  next.scrollIntoView({ block: "center" });
};
$("#article").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) event.currentTarget.close(); // the page behind was clicked
});

actions.copy = async (button) => {
  const { form, copy: text } = button.dataset;
  const plain = $("[data-form=text]", button.parentElement).dataset.copy;
  if (await (form === "html" ? copy(plain, text) : copy(text))) toast(word("copied"));
};
actions["copy-answer"] = async (button) => {
  const turn = talk.turns[turnOf(button) - 1];
  const lines = $$("[data-form=text]", turnElement(`<div>${drawn[turnOf(button) - 1].sources}</div>`));
  const text = [turn.question, ...lines.map((each, place) => `[${place + 1}] ${each.dataset.copy}`)].join("\n");
  if (await copy(text)) toast(word("copied"));
};

// Whoever copies from a converted quote gets the original.
app.addEventListener("copy", (event) => {
  const chosen = getSelection();
  const marks = $$("mark[data-original]").filter((mark) => chosen.containsNode(mark, true));
  if (!marks.length) return;
  const quotes = new Set(marks.map((mark) => mark.dataset.original));
  event.clipboardData.setData("text/plain", [...quotes].join("\n"));
  event.preventDefault();
});

function showLook() {
  for (const each of $$(".qa-scripts input")) each.checked = each.value === look.script;
  for (const each of $$("input.qa-gloss")) each.checked = look.gloss;
  $("#language").value = look.language;
}

async function changeLook(changed) {
  Object.assign(look, changed);
  memory.write("look", look);
  relabel();
  showLook();
  showFilters();
  if (job) follow(job);
  await Promise.all([redrawAll(), refreshShelf(), askState(), view === "corpus" && showCorpus()]);
  if ($("#article").open) openArticle(opened.article, opened.quotes, opened.at);
}

let redrawing = 0; // counts, so that of two answers that overtake each other the later request wins

async function redrawAll() {
  const mine = ++redrawing;
  const turns = [...talk.turns];
  $("#cards").setAttribute("aria-busy", "true");
  const reply = turns.length ? await call("render", { turns }) : { turns: [] };
  if (mine !== redrawing) return;
  $("#cards").setAttribute("aria-busy", "false");
  if (reply.error) return toast(reply.error);
  if (reply.turns.length !== talk.turns.length) return redrawAll(); // an answer has come meanwhile
  drawn.splice(0, drawn.length, ...reply.turns);
  const place = $("#turns").scrollTop;
  redraw();
  $("#turns").scrollTop = place;
  select(selected);
}

async function refreshShelf() {
  const reply = await call("shelf");
  if (reply.error) return;
  shelfHtml = reply.html;
  offerOutlets(reply.outlets);
  if (!selected) select(0);
}

app.addEventListener("change", (event) => {
  if (event.target.closest(".qa-scripts")) changeLook({ script: event.target.value });
  if (event.target.matches(".qa-gloss")) {
    if (event.target.checked) toast(word("gloss_loading")); // the dictionary takes some seconds the first time
    changeLook({ gloss: event.target.checked });
  }
  if (event.target.id === "language") changeLook({ language: event.target.value });
});

// Word help: pointing at a word, touching it, or moving through a passage with the arrow keys.
const tip = $("#tip");
function explain(found) {
  for (const each of $$(".qa-word.qa-here")) each.classList.remove("qa-here");
  tip.hidden = !found;
  if (!found) return;
  found.classList.add("qa-here");
  ($("#article").open ? $("#article") : app).append(tip);
  tip.textContent = found.dataset.meaning;
  const at = found.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = at.top > tip.offsetHeight + 12 ? `${at.top - tip.offsetHeight - 6}px` : `${at.bottom + 6}px`;
}
app.addEventListener("pointerover", (event) => explain(event.target.closest(".qa-word")));
app.addEventListener("click", (event) => explain(event.target.closest(".qa-word")));
app.addEventListener("scroll", () => explain(null), true);
app.addEventListener("keydown", (event) => {
  const passage = event.target.closest(".qa-passage");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!passage || !step) return;
  const words = $$(".qa-word", passage);
  const next = words.findIndex((each) => each.classList.contains("qa-here")) + step;
  if (!words[next]) return;
  event.preventDefault();
  words[next].scrollIntoView({ block: "nearest" });
  setTimeout(() => explain(words[next]), 30); // after the scrolling that would hide it
});
