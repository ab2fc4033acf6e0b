// What waits on this device for a network, as the pages show it: mended, discarded, sent.

import { goOn } from "./fields.js";
import { become, drop as forget, hear, keep, sendAll, waiting } from "./outbox.js";
import { gettext, one, say } from "./page.js";

const MENDING = "mending";
const account = one("meta[name=account]")?.content;

/** Keep a save that found no network; returns whether the device has it. */
export async function waits(key, path, fields) {
  try {
    await keep({ key, account, path, fields });
  } catch {
    return false;
  }
  await draw();
  say(gettext("No network: kept on this device, and saved when there is one."));
  return true;
}

/** Forget a save that waits no longer. */
export async function drop(key) {
  await forget(key);
  await draw();
}

/** Send what waits; returns how many links were saved. */
export async function replay() {
  if (!account || !globalThis.indexedDB) return 0;
  await become(account);
  await draw();
  const { saved, met } = await sendAll(account);
  if (met === "logged out") say(gettext("What waits on this device is saved once you are logged in."));
  await draw();
  return saved;
}

/** Do something when another tab, or the worker, has saved what waited. */
export function whenSaved(act) {
  hear(async ({ saved }) => {
    await draw();
    if (saved) act(saved);
  });
}

/** Show what waits, above the list. */
async function draw() {
  const place = one("#waiting");
  if (!place || !globalThis.indexedDB) return;
  const saves = await waiting(account);
  place.hidden = saves.length === 0;
  const list = one("ul", place);
  // A row that stays is left as it is: somebody may be about to press a button in it.
  const wanted = new Set(saves.map(look));
  for (const row of [...list.children]) if (!wanted.has(row.dataset.look)) row.remove();
  saves.forEach((save, number) => {
    const row = list.children[number];
    if (row?.dataset.look !== look(save)) list.insertBefore(drawn(save), row ?? null);
  });
}
document.addEventListener("shown", draw);

function drawn(save) {
  const row = one("#waiting-row").content.firstElementChild.cloneNode(true);
  row.dataset.look = look(save);
  one("bdi", row).textContent = named(save);
  if (save.refused) one("div", row).append(told(save.fault || gettext("This cannot be saved.")));
  one("[data-mend]", row).hidden = !save.refused;
  one("[data-mend]", row).ariaLabel = gettext("Mend: {link}", { link: named(save) });
  one("[data-discard]", row).ariaLabel = gettext("Discard: {link}", { link: named(save) });
  one("[data-mend]", row).addEventListener("click", () => mend(save));
  one("[data-discard]", row).addEventListener("click", () => discard(save));
  return row;
}

const look = (save) => JSON.stringify([save.key, named(save), save.refused, save.fault]);
const named = ({ fields }) => fields.title || fields.url || fields.text || "";

function told(fault) {
  const words = document.createElement("p");
  words.className = "fault";
  words.textContent = fault;
  return words;
}

/** Throw a save away, if that is meant: nothing brings it back. */
function discard(save) {
  const dialog = one("#discard");
  one("bdi", dialog).textContent = named(save);
  dialog.returnValue = "";
  dialog.onclose = async () => {
    if (dialog.returnValue !== "yes") return;
    await drop(save.key);
    (one("#waiting [data-discard]") ?? one("#url"))?.focus();
  };
  dialog.showModal();
}

/** Put a save that was refused into a form; it waits until that was saved. */
function mend(save) {
  if (save.path === "/") return fill(one(".add"), save);
  sessionStorage.setItem(MENDING, save.key);
  return location.assign("/bookmarks/new");
}

/** Go on with mending on the page that has the whole form. */
export async function goOnMending() {
  const key = sessionStorage.getItem(MENDING);
  sessionStorage.removeItem(MENDING);
  const save = key && (await waiting(account)).find((each) => each.key === key);
  if (save) fill(one("form[data-keeps]"), save);
}

// Who empties the field writes another link, and what was refused goes on waiting.
addEventListener("input", ({ target }) => {
  if (target.name === "url" && !target.value.trim()) delete target.form.dataset.mends;
});

function fill(form, { key, fields }) {
  const { text = "", ...given } = fields;
  const values = { ...given, url: [given.url, text].filter(Boolean).join(" ") };
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field?.type === "checkbox") field.checked = true;
    else if (field && name !== "back") field.value = value;
  }
  for (const details of form.querySelectorAll("details")) details.open = true;
  form.dataset.mends = key;
  goOn(form.elements.namedItem("url"));
}
