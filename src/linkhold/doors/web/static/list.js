// The list of links: endless, with a current link, and with some of them selected.

import { all, fetched, gettext, one, plain, put, tell, tellKept } from "./page.js";

const FIRST = 1;
let pages = FIRST;
let last; // the box that was ticked last: where a range begins
let current; // the id of the link that the keyboard is at

export const rows = () => all(".links > .link");
export const row = () => one(`.link[data-id="${CSS.escape(current ?? "")}"]`);
export const chosen = () => all(".pick :checked");

/** Go to a link; its title has the focus. */
export function go(to) {
  if (!to) return;
  current = to.dataset.id;
  one(".title", to).focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
}

export function step(by) {
  const list = rows();
  const at = list.indexOf(row());
  if (at >= 0) go(list[Math.max(0, Math.min(list.length - 1, at + by))]);
  else go(list.find((each) => each.getBoundingClientRect().top >= 0) ?? list[0]);
  if (at >= list.length - 5) more();
}

/** Put the page that follows below this one. */
let loading;
export function more() {
  const next = one(".pages a[rel=next]");
  if (!next || loading) return loading;
  // Without a network the link to what follows stays, for whoever presses it.
  loading = append(next).catch(() => near.disconnect()).finally(() => { loading = undefined; });
  return loading;
}

async function append(next) {
  const { page, ok } = await fetched(next.href);
  if (!ok || !next.isConnected) return;
  join(document, page);
  pages += 1;
  history.replaceState({ ...history.state, pages }, "");
  watch();
}

/** Join the list of one page to that of another. */
function join(first, second) {
  const known = new Set(all(".link", first).map((each) => each.dataset.id));
  const found = all(".links > .link", second).filter((each) => !known.has(each.dataset.id));
  one(".links", first).append(...found.map((each) => document.importNode(each, true)));
  const next = one(".pages a[rel=next]", second);
  const here = one(".pages a[rel=next]", first);
  if (next) here.href = next.getAttribute("href");
  else one(".pages", first).remove();
}

/** Lengthen a fetched page to as many as are shown here, so that nothing moves when it takes their place. */
export async function lengthened(answer) {
  if (plain(answer.address) !== plain(location.href)) {
    pages = FIRST;
    return answer;
  }
  for (let page = FIRST; page < pages; page += 1) {
    const next = one(".pages a[rel=next]", answer.page);
    if (!next || !one(".links", answer.page)) break;
    const more = await fetched(next.getAttribute("href")).catch(() => undefined);
    // Without it the list is shorter, and goes on from there.
    if (!more?.ok) {
      pages = page;
      break;
    }
    join(answer.page, more.page);
  }
  return answer;
}

/** Forget how far the list went, and what was selected in it: it is another one now. */
export function begin() {
  pages = FIRST;
  chooseNone();
}

const near = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && more(), {
  rootMargin: "900px",
});

function watch() {
  near.disconnect();
  const next = one(".pages a[rel=next]");
  if (next && one(".links")) near.observe(next);
}

/** Say how many are selected, and whether it is everything. */
function count() {
  const form = one("#many, #merge");
  if (!form) return;
  const everything = one("[name=all]", form)?.checked;
  const number = all(":is(.pick, .tick) :checked").length;
  const upTo = one("[data-range]", form);
  if (upTo) upTo.closest("label").hidden = everything || !boxes().includes(last);
  const text = everything
    ? gettext("Everything")
    : upTo?.checked ? gettext("Up to which one?") : gettext("{number} selected", { number });
  if (one("output", form).textContent !== text) one("output", form).textContent = text;
}

const boxes = () => all(".pick input");

// What was selected while an answer was on its way stays so in what takes the place of the list.
let ticked = [];
document.addEventListener("replacing", () => {
  ticked = chosen().map(({ value }) => value);
});
document.addEventListener("replaced", () => {
  if (ticked.length === chosen().length) return;
  for (const box of boxes()) if (ticked.includes(box.value)) box.checked = true;
  last = boxes().find(({ value }) => value === last?.value);
  count();
});

/** Select one, or all up to it: by Shift, or when the bar was told that a range is meant. */
export function choose(box, { range = false } = {}) {
  const upTo = one("[data-range]");
  const [from, to] = [boxes().indexOf(last), boxes().indexOf(box)].sort((a, b) => a - b);
  if ((range || upTo?.checked) && from >= 0) {
    for (const each of boxes().slice(from, to + 1)) each.checked = range ? box.checked : true;
  }
  if (upTo) upTo.checked = false;
  last = box;
  count();
}

export function chooseNone() {
  for (const each of all(":is(.pick, .tick, .all) :checked")) each.checked = false;
  count();
}

addEventListener("click", (event) => {
  if (event.target.matches(".pick input")) choose(event.target, { range: event.shiftKey });
});
// A click with Shift would mark text on the way.
addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".pick")) event.preventDefault();
});
addEventListener("change", (event) => event.target.matches(".tick input, [name=all], [data-range]") && count());
addEventListener("focusin", (event) => {
  const now = event.target.closest(".link");
  for (const each of all(".link.here")) if (each !== now) each.classList.remove("here");
  if (!now) return;
  current = now.dataset.id;
  now.classList.toggle("here", event.target.matches(":focus-visible"));
});
document.addEventListener("shown", watch);

/** Come back to where one was in a list of several pages. */
export async function resume() {
  const { pages: wanted = FIRST, top = 0 } = history.state ?? {};
  watch();
  if (wanted === FIRST || !one(".links")) return;
  history.scrollRestoration = "manual";
  for (let before = 0; before < pages && pages < wanted && one(".pages a[rel=next]"); ) {
    before = pages;
    await more();
  }
  scrollTo(0, top);
  history.scrollRestoration = "auto";
}
addEventListener("pagehide", () => {
  if (pages > FIRST) history.replaceState({ pages, top: scrollY }, "");
});

/** Show what another search finds, without anything else moving. */
export function found(page) {
  begin();
  tellKept(page);
  put(page, "#found");
  watch();
  for (const each of all("#side a")) {
    if (plain(each.href) === plain(location.href)) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
  tell(one("#count")?.textContent ?? one(".empty h2")?.textContent ?? "");
}
