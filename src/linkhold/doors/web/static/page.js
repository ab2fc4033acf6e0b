// The page as it is shown: fetched from the server as a whole, and put in place of what stands here.

import { isAway } from "./outbox.js";
import { plain } from "./seen.js";

export { plain };
export const one = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

const translations = JSON.parse(one("meta[name=translations]")?.content ?? "{}");

/** Return a message in the language of the page; values stand where it names them in braces. */
export function gettext(message, values = {}) {
  return (translations[message] ?? message).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** What was sent found nobody logged in. */
class LoggedOut extends Error {}

/** Tell whether an answer asks one to log in. */
const asksToLogIn = (answer) => answer.status === 401 || new URL(answer.url).pathname === "/login";

/** Fetch a page. Whoever was logged out meanwhile is led to the log-in, unless something was sent.
 *
 * Fails as `fetch` does when it was not Linkhold that answered, but what stands before it.
 */
export async function fetched(url, options = {}) {
  const answer = await fetch(url, { headers: { Accept: "text/html" }, ...options });
  const address = new URL(answer.url);
  if (asksToLogIn(answer)) {
    // What was written stands on this page alone.
    if (options.method === "POST") throw new LoggedOut();
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    return new Promise(() => {});
  }
  const text = await answer.text();
  const page = new DOMParser().parseFromString(text, "text/html");
  if (isAway(answer) || !one("#main", page)) throw new TypeError("Linkhold did not answer");
  return { page, address, ok: answer.ok, text, headers: answer.headers };
}

/** Put a part of a fetched page in place of the same part here. */
export function put(page, selector) {
  const here = one(selector);
  const there = one(selector, page);
  if (!here || !there) return;
  document.dispatchEvent(new CustomEvent("replacing"));
  here.replaceChildren(...all(":scope > *", document.importNode(there, true)));
  document.dispatchEvent(new CustomEvent("replaced"));
}

/** Say something to everybody, who sees the page and who hears it; `more` may be a link that belongs to it. */
export function say(text, more) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "act";
  close.dataset.close = "";
  close.textContent = "×";
  close.setAttribute("aria-label", gettext("Close this message"));
  const words = document.createElement("p");
  words.textContent = text;
  if (more) words.append(" ", more);
  one("#message").replaceChildren(words, close);
}

/** Say why something that was sent was not done, and that what was written is still here. */
export function sayWhy(error, otherwise) {
  if (!(error instanceof LoggedOut)) return say(otherwise);
  const way = Object.assign(document.createElement("a"), { href: "/login", target: "_blank" });
  way.textContent = gettext("Log in");
  return say(gettext("You are not logged in any more. What you wrote is still here: log in, then send it again."), way);
}

/** Say something to who hears the page; who sees it sees it already. */
export function tell(text) {
  one("#said").textContent = text;
}

/** Tell whether a page is what was seen last, since there was no network. */
export const isKept = (page = document) => page.body.hasAttribute("data-kept");

/** Say of what is shown whether it is what was seen last; what was done then is not told again. */
export function tellKept(page) {
  document.body.toggleAttribute("data-kept", isKept(page));
  if (isKept(page)) one("#message", page)?.replaceChildren();
}

const style = (page) => one("link[rel=stylesheet]", page)?.getAttribute("href");
const named = (summary) => summary.getAttribute("aria-label") ?? summary.textContent.trim();

/** Put the side in place, as far scrolled and unfolded as it was. */
function putSide(page) {
  const side = one("#side");
  const open = new Set(all("details[open] > summary", side).map(named));
  const scrolled = side.scrollTop;
  put(page, "#side");
  for (const summary of all("details > summary", side)) if (open.has(named(summary))) summary.parentElement.open = true;
  side.scrollTop = scrolled;
}

/** Load a page as a whole if it is of another version than the scripts here; returns whether it is. */
function renew({ page, address, ok }) {
  if (!ok || style(page) === style(document)) return false;
  if (!document.dispatchEvent(new CustomEvent("renewing", { cancelable: true }))) return false;
  location.assign(Object.assign(new URL(address), { hash: "" }));
  return true;
}

/** Show a fetched page, in the place where one is if it is the same one. */
export function show(answer) {
  if (renew(answer)) return;
  const { page, address } = answer;
  const target = plain(address);
  const same = target === plain(location.href);
  if (!same) history.pushState(null, "", target);
  else history.replaceState(history.state, "", target);
  document.title = page.title;
  tellKept(page);
  putSide(page);
  put(page, "#message");
  put(page, "#main");
  if (!same) {
    one("#q").value = new URL(target, location.href).searchParams.get("q") ?? "";
    one("#side").hidePopover?.();
    scrollTo(0, 0);
    one("#main").focus({ preventScroll: true });
  }
  document.dispatchEvent(new CustomEvent("shown"));
}

/** Return the words of a page that says what went wrong; none if it is another page. */
export function wrong(page) {
  return one(".status", page) ? one(".lead", page)?.textContent : undefined;
}
