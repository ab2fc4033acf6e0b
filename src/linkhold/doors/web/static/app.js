// What makes the pages quicker for who has a keyboard, a mouse and scripts; without it they work as well.

import { goOnWriting } from "./drafts.js";
import { goToNamed } from "./fields.js";
import { resend } from "./forms.js";
import "./keys.js";
import "./search.js";
import "./tags.js";
import { resume } from "./list.js";
import { isKept, plain, tellKept } from "./page.js";
import { goOnMending } from "./waiting.js";

goOnWriting();
goToNamed();
// What was done is told once: an address that is kept or reloaded says nothing of it.
const told = new URL(plain(location.href), location.href);
told.searchParams.delete("said");
if (told.search !== location.search) history.replaceState(history.state, "", told.pathname + told.search);
if (isKept()) tellKept(document);
resume();

// On plain http by any name but localhost there are no service workers: saves wait there all the same.
// When the network goes meanwhile, the next page registers it.
navigator.serviceWorker?.register("/service-worker.js").catch(() => {});
const SOON = 3000;
let timer;
async function again() {
  clearTimeout(timer);
  await resend().catch(() => {});
  // A device says that it is online before it is, and of a server that comes back nothing tells.
  const isWaitedFor = isKept() && navigator.onLine && document.visibilityState === "visible";
  if (isWaitedFor) timer = setTimeout(again, SOON);
}
again();
if (location.pathname === "/bookmarks/new") goOnMending();
addEventListener("online", again);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && again());
