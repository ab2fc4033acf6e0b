// Forms sent without leaving the page, and editing a link in its place.

import * as drafts from "./drafts.js";
import { goOn, written } from "./fields.js";
import { begin, chosen, go, lengthened, rows, row } from "./list.js";
import { lastSaved, newKey } from "./outbox.js";
import { all, fetched, gettext, isKept, one, plain, put, say, sayWhy, show, wrong } from "./page.js";
import { see } from "./seen.js";
import { drop, replay, waits, whenSaved } from "./waiting.js";

/** Keep the focus where it was: on the same link, or on what now stands in its place. */
function keeper() {
  const link = document.activeElement?.closest(".link") ?? row();
  const held = document.activeElement?.closest(".link, .many") || document.activeElement === document.body;
  const id = link?.dataset.id;
  const place = rows().indexOf(link);
  return () => {
    if (!held || place < 0) return;
    go(one(`.link[data-id="${CSS.escape(id)}"]`) ?? rows()[Math.min(place, rows().length - 1)]);
  };
}

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const action = button?.getAttribute("formaction") ?? form.getAttribute("action");
  const before = { keep: keeper(), used: form.matches("#many") ? chosen() : [] };
  const key = form.matches("[data-keeps]") ? newKey() : undefined;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetched(action, posted(body, key)).catch((error) =>
      unanswered(form, error, { key, path: pathOf(action), fields: Object.fromEntries(body) }),
    );
    if (answer) await answered(form, answer, before);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/** Keep a save that got no answer on this device; of anything else it is not known whether it was done. */
async function unanswered(form, error, { key, path, fields }) {
  const kept = key && error instanceof TypeError && (await waits(key, path, fields));
  if (kept) await settle(form);
  else sayWhy(error, gettext("Linkhold cannot be reached. This may have been done or not: look again later."));
}

async function answered(form, answer, before) {
  if (wrong(answer.page)) say(wrong(answer.page));
  else if (answer.ok) await done(form, answer, before);
  else refused(form, answer);
  // What had the focus may be gone with what it did.
  if (document.activeElement === document.body) one("#main").focus({ preventScroll: true });
}

async function done(form, answer, { keep, used }) {
  await settle(form);
  if (form.matches(".link .edit")) {
    drafts.forget(form);
    form.remove();
  }
  for (const box of used) box.checked = false;
  await showDone(answer);
  keep();
  if (form.matches(".add") && matchMedia("(pointer: fine)").matches) one("#url")?.focus();
}

/** Show the page after an act, and keep it for reading: what was sent passes the worker by. */
async function showDone(answer) {
  const { address, text, headers } = answer;
  if (navigator.serviceWorker?.controller) await see(address, new Response(text, { headers })).catch(() => {});
  show(await lengthened(answer));
}

/** Let go of what a form has: it is saved, or waits on this device. */
async function settle(form) {
  if (form.dataset.mends) await drop(form.dataset.mends);
  delete form.dataset.mends;
  delete form.dataset.refused;
  form.reset();
}

/** Show what is wrong with what a form has. */
function refused(form, answer) {
  const better = one(form.matches(".add") ? "form.add" : "form.edit", answer.page);
  if (better && form.matches(".add, .edit")) {
    mend(form, better);
    put(answer.page, "#message");
    return;
  }
  show({ ...answer, address: location.href });
  const field = one("[aria-invalid]");
  if (field) goOn(field);
}

function posted(body, key) {
  const headers = { Accept: "text/html", ...(key ? { "Idempotency-Key": key } : {}) };
  return { method: "POST", body, headers };
}

const pathOf = (action) => new URL(action, location.href).pathname;

/** Send what waits, and show it in the list; also what was sent while this page was on its way. */
export async function resend() {
  const saved = await replay();
  if (saved) await tellSaved(saved);
  else if (isKept() || (await lastSaved()) > fresh) await refresh();
}

let fresh = performance.timeOrigin;

async function refresh() {
  if (!one(".add") && !isKept()) return;
  const asked = Date.now();
  const answer = await fetched(location.href);
  // What was seen last is shown already.
  if (isKept(answer.page)) return;
  fresh = asked;
  show({ ...answer, address: location.href });
}

async function tellSaved(saved) {
  await refresh();
  say(gettext("{number} saved that waited", { number: saved }));
}
whenSaved(tellSaved);

function mend(form, better) {
  const fresh = document.importNode(better, true);
  fresh.dataset.refused = "";
  if (form.dataset.mends) fresh.dataset.mends = form.dataset.mends;
  // The answer is a page of its own: this form leads back to the page where it stands.
  if (fresh.elements.back) fresh.elements.back.value = form.elements.back.value;
  form.replaceWith(fresh);
  goOn(one("[aria-invalid]", fresh) ?? one("input:not([type=hidden])", fresh));
}

/** Open the form of a link in its place. */
export async function edit(link, field = "title") {
  const anchor = one("[data-key=e]", link);
  if (!anchor || one(".edit", link)) return;
  try {
    const { page } = await fetched(anchor.href);
    const form = document.importNode(one("form.edit", page), true);
    for (const each of all(".link .edit")) {
      drafts.keep(each);
      each.remove();
    }
    link.append(form);
    drafts.restore(form);
    goOn(one(`[name=${field}]`, form));
  } catch {
    say(gettext("Linkhold cannot be reached. Try again."));
  }
}

/** Close the form of a link; what was written in it is kept. */
export function cancel(form) {
  drafts.keep(form);
  const link = form.closest(".link");
  form.remove();
  go(link);
}

addEventListener("submit", (event) => {
  if (!event.target.matches("[data-quiet]")) return;
  event.preventDefault();
  if (event.target.getAttribute("aria-busy") !== "true") send(event.target, event.submitter);
});

addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const close = event.target.closest("[data-close]");
  const opens = event.target.closest(".link [data-key=e]");
  const leaves = event.target.closest(".link [data-cancel]");
  if (!close && !opens && !leaves) return;
  event.preventDefault();
  if (close) {
    one("#message").replaceChildren();
    history.replaceState(history.state, "", plain(location.href));
  } else if (opens) edit(opens.closest(".link"));
  else cancel(leaves.closest("form"));
});

// Of the small panels one is open at a time, and a click beside it closes it.
addEventListener("click", (event) => {
  for (const menu of all(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// What may be an address, or a text with one in it; the server reads it.
const ADDRESS = /https?:\/\/\S|[^\s@]\.\p{L}{2}/iu;

/** Save what was pasted where nothing is written. */
addEventListener("paste", async (event) => {
  if (written(event.target)) return;
  const text = event.clipboardData?.getData("text/plain").trim() ?? "";
  if (!ADDRESS.test(text)) return;
  event.preventDefault();
  const key = newKey();
  try {
    const body = new URLSearchParams({ url: text, back: plain(location.href) });
    const answer = await fetched("/", posted(body, key));
    if (!answer.ok) {
      say(one(".fault", answer.page)?.textContent ?? wrong(answer.page) ?? gettext("This cannot be saved."));
      return;
    }
    await showDone(answer);
  } catch (error) {
    if (!(error instanceof TypeError && (await waits(key, "/", { url: text })))) {
      sayWhy(error, gettext("Linkhold cannot be reached. Paste it again later."));
    }
  }
});

// Back and forward between addresses that were shown without leaving the page.
addEventListener("popstate", async () => {
  begin();
  try {
    const answer = await fetched(location.href);
    one("#q").value = new URL(location.href).searchParams.get("q") ?? "";
    show({ ...answer, address: location.href });
  } catch {
    location.reload();
  }
});
