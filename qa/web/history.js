// Conversations kept in this browser: the present one, those before it, and taking one out as a file.

const MOST = 30; // conversations

const talks = () => memory.read("talks", []).filter((each) => Array.isArray(each?.turns) && each.turns.length);

function keep() {
  talk.id ||= `${Date.now()}`;
  let all = [{ id: talk.id, turns: talk.turns }, ...talks().filter((each) => each.id !== talk.id)].slice(0, MOST);
  while (!memory.write("talks", all) && all.length > 1) all = all.slice(0, -1); // the browser is full: the oldest goes
  memory.write("current", talk.id);
  showHistory();
}

async function open(kept) {
  stop();
  talk.id = kept.id;
  talk.turns = [...kept.turns];
  editing = 0;
  selected = talk.turns.length;
  memory.write("current", talk.id);
  await redrawAll();
  $("#turns").scrollTop = $("#turns").scrollHeight;
  showHistory();
}

function historyRow(kept) {
  const row = turnElement('<div class="qa-row"><button type="button" class="qa-open"></button><button type="button" class="qa-delete">×</button></div>');
  const [openIt, deleteIt] = row.children;
  openIt.textContent = kept.turns[0].question;
  openIt.onclick = () => open(kept);
  if (kept.id === talk.id) openIt.setAttribute("aria-current", "true");
  deleteIt.setAttribute("aria-label", `${word("delete")}: ${kept.turns[0].question}`);
  deleteIt.onclick = (event) => {
    event.stopPropagation();
    memory.write("talks", talks().filter((each) => each.id !== kept.id));
    if (kept.id === talk.id) open({ id: "", turns: [] });
    showHistory();
  };
  return row;
}

function note(key) {
  return Object.assign(document.createElement("p"), { className: "qa-note", textContent: word(key) });
}

function showHistory() {
  const all = talks();
  const clear = Object.assign(document.createElement("button"), { type: "button", textContent: word("history_clear") });
  clear.onclick = () => {
    if (!confirm(word("history_clear_sure"))) return;
    memory.write("talks", []);
    open({ id: "", turns: [] });
  };
  const end = all.length ? [note("history_note"), clear] : [note("history_empty")];
  $("#history-list").replaceChildren(...all.map(historyRow), ...end);
}

$("#history").addEventListener("toggle", showHistory);
$("#new").addEventListener("click", () => {
  open({ id: "", turns: [] });
  setFilters({});
  box.focus();
});

actions.export = async (button) => {
  if (!talk.turns.length) return toast(word("sources_empty"));
  const { form } = button.dataset;
  const reply = await call("export", { turns: talk.turns, form });
  if (reply.error) return toast(reply.error);
  save(reply.name, reply.text, reply.type);
};
