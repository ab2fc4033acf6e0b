// The keyboard: one key for each act, on the link that one is at, on those selected, or on the page.

import { written } from "./fields.js";
import { cancel, edit } from "./forms.js";
import { choose, chooseNone, chosen, row, step } from "./list.js";
import { all, gettext, one, say } from "./page.js";

const SOON = 1500;
let going = 0; // when g was pressed

const inList = () => Boolean(one(".links"));

function press(key) {
  const place = one("article.one") ?? (inList() ? row() : undefined);
  const found = place && one(`[data-key="${key}"]`, place);
  if (found) found.click();
  return Boolean(found);
}

function open() {
  const address = one("a.title, a[data-key=o]", row() ?? one("article.one") ?? document.createElement("i"));
  if (address) window.open(address.href, "_blank", "noopener,noreferrer");
}

function trash() {
  if (chosen().length) one("#many [value=trash]")?.click();
  else press("#");
}

function tag() {
  const menu = one("#many .menu");
  if (chosen().length && menu) {
    menu.open = true;
    one("input", menu).focus();
  } else write("tags");
}

/** Edit the link that one is at: in its place, or from its own page on the page that edits it. */
function write(field) {
  const whole = one("article.one [data-key=e]");
  if (whole) location.assign(`${whole.href}#edit-${field}`);
  else if (inList() && row()) edit(row(), field);
}

function pick(range) {
  const box = row() && one(".pick input", row());
  if (!box) return;
  box.checked = range || !box.checked;
  choose(box, { range });
}

function undo() {
  const button = one("#message [data-key=u]");
  if (button) button.click();
  else say(gettext("There is nothing here to undo. What was done stands on each link’s own page, or in the history."));
}

function escape() {
  const form = document.activeElement?.closest(".link .edit");
  const menu = one(".menu[open]");
  if (form) cancel(form);
  else if (menu) {
    menu.open = false;
    one("summary", menu).focus();
  } else if (document.activeElement?.matches("input, textarea")) document.activeElement.blur();
  else chooseNone();
}

const help = () => one("#keys").showModal();

const ACTS = {
  "/": () => {
    one("#q").focus();
    one("#q").select();
  },
  j: () => step(1),
  k: () => step(-1),
  o: open,
  e: () => write("title"),
  t: tag,
  x: () => pick(false),
  X: () => pick(true),
  u: undo,
  n: () => one("#url")?.focus(),
  "#": trash,
  "?": help,
};

const QUIET = Boolean(one("meta[name=keys]"));
// Some keyboards have a sign such as # behind Alt; a letter with Alt is the browser's.
const isMeant = ({ altKey, ctrlKey, metaKey, key }) => !ctrlKey && !metaKey && (!altKey || /^[#/?]$/.test(key));

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || !isMeant(event)) return;
  if (one("dialog[open]")) return;
  if (event.key === "Escape") {
    escape();
    return;
  }
  if (QUIET || written(event.target)) return;
  if (Date.now() - going < SOON) {
    going = 0;
    const target = all("[data-go]").find((each) => each.dataset.go === event.key);
    if (target) {
      event.preventDefault();
      target.click();
    }
    return;
  }
  if (event.key === "g") going = Date.now();
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

addEventListener("click", (event) => event.target.closest("[data-keys]") && help());
