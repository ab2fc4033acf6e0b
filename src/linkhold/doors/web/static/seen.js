// The pages that were seen last, kept on this device to be read without a network. Pages and the worker use
// this alike, and the worker has it as a part of itself, like outbox.js.

const PAGES = "pages";
const MOST_PAGES = 20;
// What one begins with stays, however many others were seen since.
const BEGINNINGS = ["/", "/start"];
// Pages of the library alone: nothing that shows a secret, and nothing of the account.
const KEPT = /^\/(start|link\/\d+|tags|searches|history|duplicates|statistics|trash|inbox)?$/;

/** Return an address without what it says was done. */
export function plain(address) {
  const url = new URL(address, location.href);
  for (const name of ["done", "left"]) url.searchParams.delete(name);
  return url.pathname + url.search;
}

/** Keep a page, if it is one to be read without a network. */
export async function see(address, answer) {
  if (!KEPT.test(new URL(address).pathname)) return;
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return;
  const cache = await caches.open(PAGES);
  // The newest stand last.
  await cache.delete(plain(address), { ignoreVary: true });
  await cache.put(plain(address), answer);
  const others = (await cache.keys()).filter(({ url }) => !BEGINNINGS.includes(plain(url)));
  const oldest = others.slice(0, Math.max(0, others.length - MOST_PAGES));
  for (const old of oldest) await cache.delete(old, { ignoreVary: true });
}
