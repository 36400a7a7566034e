// What everything else on the page stands on: finding elements, the words, the reader's choices, calling the server.
// All files of the page are joined into one function to which Gradio gives `element`, `props` and `server`.

const app = element.querySelector(".qa-app");
const $ = (selector, root = app) => root.querySelector(selector);
const $$ = (selector, root = app) => [...root.querySelectorAll(selector)];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// What the browser remembers. Private windows may refuse; the page then works without a memory.
const memory = {
  read(key, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(`news-qa.${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  write(key, value) {
    try {
      localStorage.setItem(`news-qa.${key}`, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
};

function browserLanguage() {
  for (const tag of navigator.languages ?? [navigator.language]) {
    if (/^zh\b.*(hant|tw|hk|mo)\b/i.test(tag)) return "zh-Hant";
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

const look = { language: browserLanguage(), script: "original", gloss: false, ...memory.read("look", {}) };
if (!props.words[look.language]) look.language = "en";

function word(key, values = {}) {
  const words = props.words[look.language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function relabel() {
  document.documentElement.lang = look.language;
  document.title = word("product");
  app.lang = look.language;
  for (const each of $$("[data-word]")) each.textContent = word(each.dataset.word);
  for (const each of $$("[data-label]")) each.setAttribute("aria-label", word(each.dataset.label));
  for (const each of $$("[data-title]")) each.title = word(each.dataset.title);
  for (const each of $$("[data-hint]")) each.placeholder = word(each.dataset.hint);
}

async function call(name, told = {}) {
  try {
    const reply = await server[name]({ look: { ...look }, ...told });
    if (reply) return reply; // Gradio's client gives nothing where the server cannot be reached
  } catch {
    // the server refused
  }
  return { error: word("unreachable") };
}

let toastEnds = 0;
function toast(words) {
  const shown = $("#toast");
  shown.textContent = words;
  shown.classList.add("qa-shown");
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => shown.classList.remove("qa-shown"), Math.max(3500, 70 * words.length)); // as long as it reads
}

async function copy(text, html) {
  try {
    if (html) {
      const parts = { "text/plain": text, "text/html": html };
      const blobs = Object.entries(parts).map(([type, part]) => [type, new Blob([part], { type })]);
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    } else await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast(word("copy_failed"));
    return false;
  }
}

function save(name, content, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// One listener for every button that says what it does: `data-do="name"` calls `actions.name(button, event)`.
const actions = {};
app.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) actions[button.dataset.do]?.(button, event);
  for (const menu of $$("details.qa-menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest(".qa-menu > div button")) menu.open = false;
  }
});
app.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[open]");
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
  event.stopPropagation();
});
