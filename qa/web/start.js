// The beginning: words, what is remembered, what the address asks for, and how far the server is.

let generation = "";
const readyNote = $("#ready-note"); // leaves the page with the welcome

function showState(told) {
  $("#state").textContent = told.words;
  app.dataset.stage = told.stage;
  readyNote.textContent = told.note ?? "";
}

async function askState() {
  const told = await call("state");
  if (told.error) {
    showState({ words: told.error, stage: "failed" });
    return 5000;
  }
  showState(told);
  if (told.generation !== generation) {
    if (generation) toast(word("updated"));
    generation = told.generation;
    await refreshShelf();
  }
  return told.stage === "ready" && !told.building ? 15_000 : 1200;
}

async function watchState() {
  while (app.isConnected) await pause(await askState());
}

function showTheme() {
  const theme = memory.read("theme", "");
  if (theme) document.body.classList.toggle("dark", theme === "dark");
}
$("#theme").addEventListener("click", () => {
  memory.write("theme", document.body.classList.contains("dark") ? "light" : "dark");
  showTheme();
});

async function begin() {
  const asked = new URLSearchParams(location.search);
  const kept = talks().find((each) => each.id === memory.read("current", ""));
  if (asked.get("q")) {
    setFilters(Object.fromEntries(["since", "until", "outlet", "language"].map((name) => [name, asked.get(name) ?? ""])));
    history.replaceState(null, "", location.pathname);
    await ask(asked.get("q"), Object.fromEntries([...asked].filter(([name, value]) => value && name !== "q")));
  } else if (kept) await open(kept);
}

showTheme();
relabel();
showLook();
redraw();
showHistory();
watchState();
begin();
