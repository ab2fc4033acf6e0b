// What was written in a form and not sent: it outlives whatever takes the form away.

import { goOn } from "./fields.js";
import { all, gettext, one, say } from "./page.js";

const DRAFT = "draft ";
const account = one("meta[name=account]")?.content;
const named = (form) => `${DRAFT}${account} ${form.getAttribute("action")}`;
const fields = (form) => [...form.elements].filter(({ name, type }) => name && !["hidden", "submit"].includes(type));
const changed = (field) =>
  field.type === "checkbox" ? field.checked !== field.defaultChecked : field.value.trim() !== field.defaultValue.trim();

let sent; // the form that leaves this page

/** Tell whether a form has what is nowhere else. */
function isWritten(form) {
  return "refused" in form.dataset || fields(form).some(changed);
}

/** Keep what a form that edits a link has, in this tab, for when it is opened again. */
export function keep(form) {
  if (!form.elements.version || !isWritten(form)) return;
  const values = fields(form).map(({ name, type, checked, value }) => [name, type === "checkbox" ? checked : value]);
  const draft = { version: form.elements.version.value, values };
  sessionStorage.setItem(named(form), JSON.stringify(draft));
  say(gettext("What you wrote is kept in this tab, for when you edit that link again."));
}

/** Put what was kept back into a form; returns whether there was something. */
export function restore(form) {
  const draft = JSON.parse(sessionStorage.getItem(named(form)) ?? "null");
  if (!draft) return false;
  // It is compared with the link as it was then: what changed since is not taken back.
  form.elements.version.value = draft.version;
  for (const [name, value] of draft.values) {
    const field = form.elements.namedItem(name);
    if (field?.type === "checkbox") field.checked = value;
    else if (field) field.value = value;
  }
  forget(form);
  say(gettext("What you had written is here again. Cancel forgets it."));
  return true;
}

export function forget(form) {
  sessionStorage.removeItem(named(form));
}

// When a part of the page is replaced, forms that are open in it stay, as far as there is a place for them.
let open = [];
let adding;

document.addEventListener("replacing", () => {
  open = all(".link .edit").map((form) => [form, form.closest(".link").dataset.id, document.activeElement]);
  const add = one(".add");
  if (!add || !isWritten(add)) return;
  const { name, selectionStart, selectionEnd } = add.contains(document.activeElement) ? document.activeElement : {};
  adding = {
    values: new FormData(add),
    mends: add.dataset.mends,
    unfolded: one("details", add)?.open,
    at: [name, selectionStart, selectionEnd],
  };
});

document.addEventListener("replaced", () => {
  for (const [form, id, at] of open) if (!form.isConnected) putBack(form, id, at);
  if (one(".add") && adding) goOnAdding(one(".add"));
  adding = undefined;
});

function putBack(form, id, at) {
  const link = one(`.link[data-id="${CSS.escape(id)}"]`);
  if (!link) return keep(form);
  link.append(form);
  if (form.contains(at)) at.focus();
  return undefined;
}

function goOnAdding(form) {
  if (isWritten(form) || fields(form).some(({ value }) => value)) return;
  const { values, mends, unfolded, at: [name, ...selection] } = adding;
  for (const field of fields(form)) field.value = values.get(field.name) ?? "";
  if (mends) form.dataset.mends = mends;
  const details = one("details", form);
  if (details) details.open ||= unfolded;
  const field = name && form.elements.namedItem(name);
  if (!field) return;
  field.focus();
  field.setSelectionRange(...selection);
}

addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-cancel]")?.closest("form");
  if (!form) return;
  forget(form);
  delete form.dataset.refused;
  form.reset();
}, { capture: true });

addEventListener("submit", (event) => {
  // A form that is sent without leaving the page has what was written until that is known to be saved.
  sent = event.target.matches("[data-quiet]") ? undefined : event.target;
  if (event.target.getAttribute("action") !== "/logout") return;
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(DRAFT)) sessionStorage.removeItem(name);
});

// A page that would load itself anew waits for what is being written.
document.addEventListener("renewing", (event) => {
  if (all("form.edit, .add").some(isWritten)) event.preventDefault();
});

addEventListener("beforeunload", (event) => {
  if (all("form.edit").some((form) => form !== sent && isWritten(form))) event.preventDefault();
});
addEventListener("pagehide", () => {
  for (const form of all("form.edit")) if (form !== sent) keep(form);
});

/** Go on in the form that this page is, if something was written in it before. */
export function goOnWriting() {
  const form = one("main > form.edit");
  if (form?.elements.version && restore(form)) goOn(form.elements.namedItem("title"));
}
