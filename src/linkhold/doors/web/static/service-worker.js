// What was seen last can be read without a network, and what is sent to be saved waits for one. Before this,
// the server puts the mark of the static files and their addresses (`MARK`, `FILES`), outbox.js and seen.js.

const STATIC = `static-${MARK}`;
const OFFLINE = "/offline";
const KEPT_HERE = "/kept";
const WAITS = "waiting";
// What a page asks for while one types or scrolls.
const PASSING = ["q", "find", "after"];
// What other applications share, and what a form without scripts sends: nothing but this has it.
const SAVES = /^\/(share|bookmarks\/new)?$/;
// Whoever comes or goes finds nothing of who was here before.
const COMES_OR_GOES = /^\/(login|logout|pair|setup|account\/(delete|password))$/;

self.addEventListener("install", (event) => {
  event.waitUntil(prepared().then(() => self.skipWaiting()));
});

async function prepared() {
  const cache = await caches.open(STATIC);
  await cache.addAll([...FILES, OFFLINE, KEPT_HERE]);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(tidied().then(() => self.clients.claim()));
});

async function tidied() {
  for (const name of await caches.keys()) if (name !== STATIC && name !== PAGES) await caches.delete(name);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method !== "GET") {
    if (COMES_OR_GOES.test(url.pathname)) event.respondWith(forgetting(request));
    else if (request.mode === "navigate" && SAVES.test(url.pathname)) event.respondWith(saving(request, url));
    return;
  }
  if (url.pathname.startsWith("/static-")) event.respondWith(fromCache(request));
  else if (request.mode === "navigate" || request.headers.get("Accept") === "text/html") {
    event.respondWith(page(request, url));
  }
});

async function fromCache(request) {
  return (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);
}

/** Send a save; without a network, or while the server is away, keep it. */
async function saving(request, url) {
  const copy = request.clone();
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    // There is no network.
  }
  if (answer && answer.status < 500 && answer.status !== 429) return answer;
  if (!isFromElsewhere(copy) && (await kept(copy, url))) return Response.redirect(KEPT_HERE, 303);
  return answer ?? caches.match(OFFLINE);
}

/** Tell whether another site sends a form, or somebody who hides it: the server would refuse that. */
function isFromElsewhere({ referrer, referrerPolicy }) {
  if (referrer && referrer !== "about:client") return new URL(referrer).origin !== location.origin;
  return referrerPolicy === "no-referrer" || referrerPolicy === "same-origin";
}

/** Keep a save; returns whether the device has it. */
async function kept(request, url) {
  const { back, ...fields } = Object.fromEntries(new URLSearchParams(await request.text()));
  if (!Object.values(fields).some(Boolean)) return false;
  try {
    await keep({ key: newKey(), account: await whose(), path: url.pathname, fields });
  } catch {
    return false;
  }
  // Where there is no such thing, the next page that is opened sends it.
  await self.registration.sync?.register(WAITS).catch(() => {});
  return true;
}

self.addEventListener("sync", (event) => event.waitUntil(sendWhatWaits()));

async function sendWhatWaits() {
  const { met } = await sendAll(await whose());
  // The browser tries again.
  if (met === "away") throw new Error(met);
}

async function forgetting(request) {
  await forgetWho().catch(() => {});
  await caches.delete(PAGES);
  const answer = await fetch(request);
  await caches.delete(PAGES);
  return answer;
}

/** Answer a page from the network, or else as it was seen last. */
async function page(request, url) {
  let answer;
  let failure;
  try {
    answer = await fetch(request);
  } catch (error) {
    failure = error;
  }
  if (!answer || isAway(answer)) return (await inItsPlace(request, url, answer)) ?? Promise.reject(failure);
  // A redirect of a navigation is followed by the browser; who is led to the log-in is not logged in.
  if (new URL(answer.url || request.url).pathname === "/login") await caches.delete(PAGES);
  else if (answer.ok && !answer.redirected && isLookedAt(request, url)) {
    // A device that is full shows the page all the same.
    await see(url, answer.clone()).catch(() => {});
  }
  return answer;
}

/** Return what there is without the server; nothing for a script, which can tell for itself. */
async function inItsPlace(request, url, answer) {
  if (request.mode === "navigate" && url.pathname === KEPT_HERE) return caches.match(KEPT_HERE);
  const kept = await seenLast(url);
  // What stands before the server says that it is being started, and looks again.
  if (kept || answer || request.mode !== "navigate") return kept ?? answer;
  return caches.match(OFFLINE);
}

/** Tell whether a page is looked at: each letter that is typed into a search, or further links, are not. */
function isLookedAt(request, url) {
  return request.mode === "navigate" || !PASSING.some((name) => url.searchParams.has(name));
}

async function seenLast(url) {
  const cache = await caches.open(PAGES);
  const kept = await cache.match(plain(url), { ignoreVary: true });
  if (!kept) return undefined;
  // The style and the scripts that it had are gone with an update; those of now are here.
  const text = (await kept.text()).replace(/="\/static-[0-9a-f]{12}\//g, `="/static-${MARK}/`);
  const headers = { "Content-Type": "text/html; charset=utf-8", ...policy(kept) };
  return new Response(text.replace("<body ", "<body data-kept "), { headers });
}

function policy(kept) {
  const name = "Content-Security-Policy";
  return { [name]: kept.headers.get(name) ?? "default-src 'none'" };
}
