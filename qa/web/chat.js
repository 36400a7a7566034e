// The conversation: asking, waiting, stopping, asking again; filters; which turn's sources are shown.

const talk = { id: "", turns: [] }; // the records of the conversation, in order
const drawn = []; // their HTML, beside them
let selected = 0; // number of the turn whose sources are shown; 0 is none
let running = null; // the question under way
let editing = 0; // number of the turn that the next question replaces

const box = $("#question");

function filters() {
  const told = {};
  for (const field of $$("#filters [name]")) if (field.value) told[field.name] = field.value;
  return told;
}

function chipWords(name, value) {
  if (name === "since" || name === "until") return word(`chip_${name}`, { value });
  return name === "language" ? word(`language_${value}`) : value;
}

function chip(name, value) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "qa-chip";
  made.append(chipWords(name, value), Object.assign(document.createElement("span"), { textContent: "×" }));
  made.setAttribute("aria-label", word("remove_filter", { value: chipWords(name, value) }));
  made.onclick = () => setFilters({ ...filters(), [name]: "" });
  return made;
}

function setFilters(told) {
  for (const field of $$("#filters [name]")) field.value = told[field.name] ?? "";
  showFilters();
}

async function showFilters() {
  const told = filters();
  const chips = $("#chips");
  chips.replaceChildren(...Object.entries(told).map(([name, value]) => chip(name, value)));
  if (!Object.keys(told).length) return;
  const note = document.createElement("span");
  chips.append(note);
  const reply = await call("narrow", { filters: told });
  note.textContent = reply.error ?? reply.words;
  note.classList.toggle("qa-error", Boolean(reply.error));
}

function offerOutlets(outlets) {
  const choice = $("#filters [name=outlet]");
  const chosen = choice.value;
  choice.replaceChildren(choice.options[0], ...outlets.map((outlet) => new Option(outlet, outlet)));
  choice.value = outlets.includes(chosen) ? chosen : "";
}

function turnElement(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content.firstElementChild;
}

function pending(question) {
  const made = turnElement('<article class="qa-turn qa-pending"><header class="qa-asked"><h2></h2></header><p role="status"></p></article>');
  $("h2", made).textContent = question;
  $("p", made).textContent = word("searching");
  return made;
}

function redraw() {
  const places = drawn.map((each, place) => {
    const made = turnElement(each.answer);
    made.classList.toggle("qa-selected", place + 1 === selected);
    return made;
  });
  $("#turns").replaceChildren(...(places.length ? places : [welcome]));
  $("#turns").classList.toggle("qa-empty", !places.length);
}
const welcome = $("#welcome");

function select(number) {
  selected = number;
  for (const each of $$(".qa-turn")) each.classList.toggle("qa-selected", Number(each.dataset.turn) === number);
  const title = $("#sources-title");
  title.dataset.word = number ? "sources" : "all_articles";
  title.textContent = word(title.dataset.word);
  for (const each of $$(".qa-of-sources")) each.hidden = !number; // the list of articles is not converted
  $("#cards").innerHTML = number ? drawn[number - 1].sources : shelfHtml;
}

function busy(is) {
  $("#send").hidden = is;
  $("#stop").hidden = !is;
  $("#turns").setAttribute("aria-busy", String(is));
}

async function answerTo(question, told, number, shown, token) {
  const before = talk.turns.slice(0, number - 1).map((each) => each.reading || each.question);
  for (;;) {
    const reply = await call("ask", { question, filters: told, number, before, key: token.key });
    if (token.stopped || !reply.waiting) return reply;
    $("p", shown).textContent = reply.waiting.words;
    showState(reply.waiting);
    await pause(1000);
  }
}

// Ask, as turn `number` (a new one by default); `cut` drops what came after it.
async function ask(question, told, number = talk.turns.length + 1, cut = false) {
  if (running || !question.trim()) return;
  const token = (running = { stopped: false, question, key: `${Date.now()}-${Math.random()}` });
  const shown = pending(question);
  const old = $(`#turn-${number}`);
  if (old) old.replaceWith(shown);
  else {
    welcome.remove();
    $("#turns").classList.remove("qa-empty");
    $("#turns").append(shown);
  }
  if (cut) while (shown.nextElementSibling) shown.nextElementSibling.remove();
  shown.scrollIntoView({ block: "start" });
  busy(true);
  const reply = await answerTo(question, told, number, shown, token);
  if (token.stopped) return; // another may be under way by now
  running = null;
  busy(false);
  if (reply.error) return failed(shown, question, reply.error);
  if (cut) [talk.turns.length, drawn.length] = [number - 1, number - 1];
  talk.turns[number - 1] = reply.turn;
  drawn[number - 1] = reply;
  const made = turnElement(reply.answer);
  shown.replaceWith(made);
  select(number);
  $("#cards").scrollTop = 0;
  made.scrollIntoView({ block: "start" });
  announce(reply.turn);
  keep();
}

function failed(shown, question, words) {
  shown.classList.replace("qa-pending", "qa-failed");
  $("p", shown).textContent = words;
  giveBack(question);
}

// A question that was not answered returns to the box, unless another is being written there.
function giveBack(question) {
  if (box.value) return;
  box.value = question;
  fit();
}

function announce(turn) {
  const statements = new Set(turn.citations.map((each) => each.statement)).size;
  const words = turn.found ? word("answered", { statements, sources: turn.citations.length }) : word("declined");
  $("#announce").textContent = words;
}

function stop() {
  if (!running) return;
  const { question, key } = running;
  running.stopped = true;
  running = null;
  call("stop", { key });
  giveBack(question);
  busy(false);
  redraw();
  toast(word("stopped"));
}

function fit() {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 180)}px`;
}

function send() {
  const question = box.value.trim();
  if (!question || running) return;
  const number = editing || talk.turns.length + 1;
  const cut = editing > 0;
  box.value = "";
  editing = 0;
  fit();
  ask(question, filters(), number, cut);
}

$("#ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
box.addEventListener("input", fit);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
  // while an input method is composing, Enter chooses a character
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  send();
});
$("#stop").addEventListener("click", stop);
$("#narrow").addEventListener("click", (event) => {
  const shown = $("#filters");
  shown.hidden = !shown.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!shown.hidden));
});
$("#filters").addEventListener("change", showFilters);

const turnOf = (button) => Number(button.closest(".qa-turn").dataset.turn);
actions.example = (button) => ask(button.textContent, filters());
actions.select = (button) => select(turnOf(button));
actions.retry = (button) => ask(talk.turns[turnOf(button) - 1].question, talk.turns[turnOf(button) - 1].filters, turnOf(button));
actions.edit = (button) => {
  editing = turnOf(button);
  box.value = talk.turns[editing - 1].question;
  setFilters(talk.turns[editing - 1].filters);
  fit();
  box.focus();
};
actions.link = async (button) => {
  const turn = talk.turns[turnOf(button) - 1];
  const link = new URL(location.origin + location.pathname);
  link.search = new URLSearchParams({ q: turn.reading || turn.question, ...turn.filters });
  if (await copy(link.href)) toast(word("link_copied"));
};

async function judge(button, told) {
  const shown = button.closest(".qa-turn");
  const reply = await call("feedback", { turn: talk.turns[turnOf(button) - 1], ...told });
  toast(reply.error ?? reply.words);
  if (reply.error) return;
  for (const each of $$(".qa-thumb", shown)) each.setAttribute("aria-pressed", String((each.dataset.do === "good") === told.good));
  $(".qa-reasons", shown).hidden = true;
}
actions.good = (button) => judge(button, { good: true });
actions.bad = (button) => {
  const reasons = $(".qa-reasons", button.closest(".qa-turn"));
  reasons.hidden = !reasons.hidden;
  if (!reasons.hidden) $("button", reasons).focus();
};
actions.reason = (button) => judge(button, { good: false, reason: button.dataset.reason });
