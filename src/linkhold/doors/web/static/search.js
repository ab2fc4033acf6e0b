// Searching while one types, and completing the word that is being typed.

import { found } from "./list.js";
import { fetched, gettext, one, plain, say, wrong } from "./page.js";

const PAUSE = 140;
let timer;
let running;

function wanted() {
  const q = one("#q").value.trim();
  return q ? `/?${new URLSearchParams({ q })}` : "/";
}

// The first letter makes a step to come back over, all further ones change where it leads.
let stepped = false;

function step(to) {
  const same = to === plain(location.href);
  history[stepped || same ? "replaceState" : "pushState"](null, "", to);
  stepped = true;
}

async function find() {
  clearTimeout(timer);
  running?.abort();
  running = new AbortController();
  const to = wanted();
  try {
    const { page, ok } = await fetched(to, { signal: running.signal });
    if (!ok) {
      say(wrong(page) ?? gettext("Linkhold cannot be reached. Try again."));
      return;
    }
    step(to);
    document.title = page.title;
    found(page);
  } catch (error) {
    if (error.name !== "AbortError") say(gettext("Linkhold cannot be reached. Try again."));
  }
}

const pause = () => {
  stepped = false;
};
addEventListener("popstate", () => {
  clearTimeout(timer);
  running?.abort();
  pause();
});
document.addEventListener("shown", pause);
one("#q")?.addEventListener("focus", pause);

/** Tell whether a tag or an operator is being typed that can still become another. */
const half = () => Boolean(list) && /^-?(#|[a-z]+:)/i.test(word(one("#q")));

const search = one(".search");
search?.addEventListener("submit", (event) => {
  close();
  if (location.pathname !== "/") return;
  event.preventDefault();
  find().then(pause);
});
one("#q")?.addEventListener("input", () => {
  if (location.pathname !== "/") return;
  clearTimeout(timer);
  timer = setTimeout(() => half() || find(), PAUSE);
});

// Completion: for the word before the caret, in the search and wherever tags are written.
let list;
let field;
let asked = 0;

const word = (input) => /\S*$/.exec(input.value.slice(0, input.selectionStart))[0];
const options = () => [...(list?.children ?? [])];
const at = () => options().findIndex((each) => each.getAttribute("aria-selected") === "true");

export function close() {
  list?.remove();
  list = undefined;
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

async function offer(input) {
  const typed = word(input);
  const number = (asked += 1);
  if (!typed) return close();
  const of = input.dataset.complete ?? "search";
  const answer = await fetch(`/complete.json?${new URLSearchParams({ typed, of })}`);
  const told = answer.ok && answer.headers.get("Content-Type").startsWith("application/json");
  const { completions } = told ? await answer.json() : { completions: [] };
  if (number !== asked || document.activeElement !== input) return undefined;
  // What was chosen from an answer that was overtaken by this one, stays chosen.
  const chosen = options()[at()]?.dataset.text;
  close();
  if (!completions.length || (completions.length === 1 && completions[0].text === typed)) return undefined;
  field = input;
  open(completions);
  return choose(options().findIndex((each) => each.dataset.text === chosen));
}

function open(completions) {
  list = document.createElement("ul");
  list.className = "completions";
  list.id = "completions";
  list.role = "listbox";
  list.ariaLabel = gettext("Completions");
  list.append(...completions.map(option));
  field.after(list);
  field.role = "combobox";
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-autocomplete", "list");
}

function option({ text, note }, number) {
  const item = document.createElement("li");
  item.id = `completion-${number}`;
  item.role = "option";
  item.dataset.text = text;
  for (const part of [text, note]) item.append(Object.assign(document.createElement("span"), { textContent: part }));
  return item;
}

function choose(number) {
  for (const [place, each] of options().entries()) each.setAttribute("aria-selected", String(place === number));
  if (number >= 0) field.setAttribute("aria-activedescendant", options()[number].id);
}

function take(item) {
  const before = field.value.slice(0, field.selectionStart);
  const after = field.value.slice(field.selectionStart);
  const text = item.dataset.text;
  const begun = before.slice(0, before.length - word(field).length) + text + (text.endsWith(":") ? "" : " ");
  field.value = begun + after.trimStart();
  field.setSelectionRange(begun.length, begun.length);
  const input = field;
  close();
  input.focus();
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

const completes = (target) => target.id === "q" || target.dataset?.complete !== undefined;

addEventListener("input", (event) => completes(event.target) && offer(event.target).catch(close));
addEventListener("keydown", (event) => {
  if (!list || event.target !== field || event.isComposing) return;
  const count = options().length;
  if (event.key === "ArrowDown") choose((at() + 1) % count);
  else if (event.key === "ArrowUp") choose((at() - 1 + count) % count);
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && at() >= 0) take(options()[at()]);
  else if (event.key === "Tab" && !event.shiftKey && at() >= 0) take(options()[at()]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });
addEventListener("mousedown", (event) => {
  const item = event.target.closest(".completions li");
  if (item) {
    event.preventDefault();
    take(item);
  }
});
addEventListener("focusout", (event) => event.target === field && close());
