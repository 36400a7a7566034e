// The other two views: a file of questions, and the articles with their plot, adding, removing and rebuilding.

let view = "ask";

function show(name) {
  view = name;
  for (const each of $$("nav [data-view]")) {
    if (each.dataset.view === name) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  for (const each of $$(".qa-view")) each.hidden = each.id !== `view-${name}`;
  app.dataset.view = name;
  if (name === "corpus") showCorpus();
}
for (const each of $$("nav [data-view]")) each.addEventListener("click", () => show(each.dataset.view));

const LARGEST = 20 * 2 ** 20; // bytes of a file to send

async function contentOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function drops(zone, take) {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("qa-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("qa-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("qa-over");
    take([...event.dataTransfer.files]);
  });
  $("input", zone).addEventListener("change", (event) => {
    take([...event.target.files]);
    event.target.value = "";
  });
}

async function sendFile(name, file, told = {}) {
  if (file.size > LARGEST) return { error: word("too_large", { limit: LARGEST / 2 ** 20 }) };
  return call(name, { name: file.name, data: await contentOf(file), ...told });
}

// --- a file of questions ---
let job = "";
let answering = false; // whether the job is under way

let following = 0; // counts, so that only the latest loop goes on: a new file, or new words, begin another

async function follow(key) {
  const mine = ++following;
  let start = 0;
  $("#batch-rows").replaceChildren();
  while (mine === following) {
    const told = await call("batch_look", { job: key, start });
    if (mine !== following) return;
    $("#batch-words").textContent = told.error ?? told.words;
    $("#batch-words").classList.toggle("qa-error", Boolean(told.error) || told.stage === "failed");
    if (told.error) return endBatch(false);
    $("#batch-progress").max = told.total;
    $("#batch-progress").value = told.done;
    $("#batch-rows").insertAdjacentHTML("beforeend", told.html);
    start = told.next;
    if (told.stage !== "running") return endBatch(told.stage !== "failed");
    await pause(500);
  }
}

function endBatch(answered) {
  answering = false;
  $("#batch-cancel").hidden = true;
  $("#batch-progress").hidden = true;
  $("#batch-downloads").hidden = !answered;
}

drops($("#batch-drop"), async ([file]) => {
  if (!file) return;
  const told = await sendFile("batch_start", file, { filters: filters() });
  if (told.error && answering) return toast(told.error); // the run under way goes on
  $("#batch-run").hidden = false;
  $("#batch-downloads").hidden = true;
  $("#batch-words").textContent = told.error ?? "";
  $("#batch-words").classList.toggle("qa-error", Boolean(told.error));
  $("#batch-cancel").hidden = $("#batch-progress").hidden = $("#batch-table").hidden = Boolean(told.error);
  job = told.job ?? "";
  following++;
  answering = Boolean(job);
  if (job) follow(job);
});
$("#batch-cancel").addEventListener("click", () => call("batch_cancel", { job }));
actions.download = async (button) => {
  const told = await call("batch_download", { job, form: button.dataset.form });
  if (told.error) return toast(told.error);
  save(told.name, Uint8Array.from(atob(told.data), (each) => each.charCodeAt(0)), told.type);
};
actions["ask-row"] = (button) => {
  show("ask");
  ask(button.textContent, filters());
};

// --- the articles ---
let password = "";
let chosen = null; // what was chosen in the plot: {since, until, outlet}

async function showCorpus() {
  const told = await call("corpus");
  if (told.error) return toast(told.error);
  password = $("#corpus-password")?.value ?? password;
  $("#corpus-page").innerHTML = told.html;
  if ($("#corpus-password")) $("#corpus-password").value = password;
  if ($("#corpus-drop")) drops($("#corpus-drop"), addArticles);
  choose(chosen);
}

const secret = () => ($("#corpus-password") ? { password: $("#corpus-password").value } : {});

async function addArticles(files) {
  const faults = [];
  let words = "";
  for (const file of files) {
    const told = await sendFile("corpus_add", file, secret());
    if (told.error) faults.push(told.error);
    else words = told.words;
  }
  await showCorpus();
  const added = files.length - faults.length;
  if (added) toast(added === 1 ? words : word("added_many", { number: added }));
  complain(faults);
}

// What went wrong stays to be read, each fault once, above the buttons.
function complain(faults) {
  const line = $("#corpus-said");
  line.replaceChildren(...[...new Set(faults)].flatMap((each) => [each, document.createElement("br")]));
  line.hidden = !faults.length;
}

actions.remove = async (button) => {
  const { article } = button.dataset;
  if (!confirm(word("remove_sure", { name: article }))) return;
  const told = await call("corpus_remove", { article, ...secret() });
  await showCorpus();
  if (told.words) toast(told.words);
  complain(told.error ? [told.error] : []);
};

actions.rebuild = async () => {
  const told = await call("corpus_rebuild", secret());
  complain(told.error ? [told.error] : []);
  if (told.error) return;
  toast(told.words);
  await followBuild();
};

async function followBuild() {
  for (;;) {
    const told = await call("state");
    if (told.error) return toast(told.error);
    showState(told);
    const bar = $("#corpus-progress");
    if (bar) {
      bar.hidden = !told.building;
      bar.max = told.total || 1;
      bar.value = told.done;
    }
    if (!told.building) {
      await askState();
      if (view !== "corpus") return;
      await showCorpus();
      return complain(told.problem ? [told.problem] : []);
    }
    await pause(500);
  }
}

function choose(what) {
  chosen = what;
  const line = $("#corpus-chosen");
  if (!line) return;
  line.hidden = !what;
  for (const row of $$("#corpus-page tr[data-outlet]")) {
    const { outlet, published } = row.dataset;
    row.hidden = Boolean(what) && !(outlet === what.outlet && published >= what.since && published <= what.until);
  }
  for (const part of $$(".qa-part")) {
    const is = what && part.dataset.since === what.since && part.dataset.outlet === what.outlet;
    part.setAttribute("aria-pressed", String(Boolean(is)));
  }
  if (!what) return;
  const days = what.since === what.until ? what.since : `${what.since} – ${what.until}`;
  $("span", line).textContent = word("shown_only", { what: [what.outlet, days].filter(Boolean).join(" · ") });
}

actions.bar = (button) => {
  const { since, until, outlet } = button.dataset;
  choose({ since, until, outlet });
};
actions["show-all"] = () => choose(null);
actions["ask-these"] = () => {
  setFilters(chosen);
  show("ask");
  box.focus();
};
