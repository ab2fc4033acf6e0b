// Fields that one writes in.

import { one } from "./page.js";

/** Return the field in which what is pressed or pasted is meant to stand; a box to tick is none. */
export const written = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

/** Go on writing in a field: at its end, and behind a space where words stand by themselves. */
export function goOn(field) {
  field.focus();
  if (field.name === "tags" && /\S$/.test(field.value)) field.value += " ";
  field.setSelectionRange(field.value.length, field.value.length);
}

/** Go to the field that the address of this page names. */
export function goToNamed() {
  const field = location.hash.startsWith("#edit-") && one(`form.edit ${location.hash}`);
  if (field) goOn(field);
}
