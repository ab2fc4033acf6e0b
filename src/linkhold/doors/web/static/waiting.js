// Saves that found no network: kept on this device until they are in the library, and sent with the key of
// their first attempt, so that none is lost and none is done twice.

import { all, asksToLogIn, gettext, one, say } from "./page.js";

const NAME = "linkhold";
const STORE = "waiting";
const account = one("meta[name=account]")?.content;

/** Do something with the store; resolves when it is on the device. */
function stored(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => (database.close(), resolve(asked.result));
      transaction.onerror = transaction.onabort = () => (database.close(), reject(transaction.error));
    };
  });
}

/** Return the saves of this account that wait, the oldest first: another account's are not ours to send. */
async function mine() {
  const every = await stored("readonly", (store) => store.getAll());
  return every.filter((save) => save.account === account).sort((a, b) => a.at - b.at);
}

/** Return a key for a save, to be made before its first attempt. */
export function newKey() {
  // crypto.randomUUID is there on https alone.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keep a save until there is network again. Throws when the device refuses to keep it. */
export async function keep(key, { url, title = "", tags = "" }) {
  await stored("readwrite", (store) => store.put({ key, account, url, title, tags, at: Date.now() }));
  await draw();
}

async function drop(key) {
  await stored("readwrite", (store) => store.delete(key));
  await draw();
}

/** Show what waits, above the list. */
async function draw() {
  const place = one("#waiting");
  if (!place) return;
  const saves = await mine();
  place.hidden = saves.length === 0;
  const list = one("ul", place);
  list.replaceChildren(
    ...saves.map((save) => {
      const row = one("#waiting-row").content.firstElementChild.cloneNode(true);
      one("bdi", row).textContent = save.title || save.url;
      if (save.fault) one("div", row).append(told(save.fault));
      one("button", row).addEventListener("click", () => drop(save.key));
      return row;
    }),
  );
}

function told(fault) {
  const words = document.createElement("p");
  words.className = "fault";
  words.textContent = fault;
  return words;
}

/** Send one save again; returns `saved`, `refused`, or why the others need not be tried. */
async function send(save) {
  let answer;
  try {
    const body = new URLSearchParams({ url: save.url, title: save.title, tags: save.tags });
    const headers = { Accept: "application/json", "Idempotency-Key": save.key };
    answer = await fetch("/", { method: "POST", body, headers });
  } catch {
    return "away";
  }
  if (asksToLogIn(answer)) return "logged out";
  if (answer.ok) {
    await stored("readwrite", (store) => store.delete(save.key));
    return "saved";
  }
  if (answer.status < 400 || answer.status >= 500 || answer.status === 429) return "away";
  const fault = (await answer.json().catch(() => ({}))).fault ?? gettext("This cannot be saved.");
  await stored("readwrite", (store) => store.put({ ...save, fault }));
  return "refused";
}

async function sendAll() {
  let saved = 0;
  for (const save of await mine()) {
    if (save.fault) continue;
    const became = await send(save);
    if (became === "saved") saved += 1;
    if (became === "logged out") say(gettext("What waits on this device is saved once you are logged in."));
    if (became === "away" || became === "logged out") break;
  }
  await draw();
  return saved;
}

/** Send what waits. Of several tabs one does it; returns how many links were saved. */
export async function replay() {
  if (!account || !globalThis.indexedDB) return 0;
  await draw();
  if ((await mine()).length === 0) return 0;
  return navigator.locks ? navigator.locks.request(STORE, sendAll) : sendAll();
}
