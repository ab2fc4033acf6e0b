// Saves that found no network: kept on this device until they are in the library, and sent with the key of
// their first attempt, so that none is lost and none is done twice. Pages and the worker use this alike: it
// knows no page. The worker has it as a part of itself, since a worker cannot import everywhere.

const DATABASE = "linkhold";
const WAITING = "waiting";
const WHO = "who";
const SAVED = "saved";
const VERSION = 2;
const channel = new BroadcastChannel(DATABASE);

/** Do something with a store; resolves when it is on the device. */
function stored(name, mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, VERSION);
    opening.onupgradeneeded = () => {
      const known = opening.result.objectStoreNames;
      if (!known.contains(WAITING)) opening.result.createObjectStore(WAITING, { keyPath: "key" });
      if (!known.contains(WHO)) opening.result.createObjectStore(WHO);
    };
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      // A newer version of this must not wait for a page that is open.
      database.onversionchange = () => database.close();
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(name));
      transaction.oncomplete = () => (database.close(), resolve(asked.result));
      transaction.onerror = transaction.onabort = () => (database.close(), reject(transaction.error));
    };
  });
}

/** Return a key for a save, to be made before its first attempt. */
export function newKey() {
  // crypto.randomUUID is there on https alone.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Remember whose pages were seen last, for the worker; nobody's once they logged out. */
export const become = (account) => stored(WHO, "readwrite", (store) => store.put(account, WHO));
export const forgetWho = () => stored(WHO, "readwrite", (store) => store.delete(WHO));
export const whose = () => stored(WHO, "readonly", (store) => store.get(WHO));

/** Tell when something that waited was saved last, in milliseconds; a page that is older does not show it. */
export const lastSaved = async () => (await stored(WHO, "readonly", (store) => store.get(SAVED))) ?? 0;

/** Tell whether an answer is none of Linkhold's: it is away, or has no database at the moment. */
export const isAway = ({ status }) => status >= 502 && status <= 504;

/** Ask the browser to throw nothing of this away when it is short of room; it may ask the person. */
export const holdOn = () => navigator.storage?.persist?.().catch(() => {});

/** Keep a save until there is network again. Rejects when the device refuses to keep it. */
export async function keep({ key, account, path, fields }) {
  await stored(WAITING, "readwrite", (store) => store.put({ key, account, path, fields, at: Date.now() }));
  holdOn();
  channel.postMessage({ saved: 0 });
}

/** Return the saves of an account that wait, the oldest first: another account's are not ours to send. */
export async function waiting(account) {
  const every = await stored(WAITING, "readonly", (store) => store.getAll());
  // What was shared while nobody was logged in belongs to who logs in next.
  return every.filter((save) => save.account === account || !save.account).sort((a, b) => a.at - b.at);
}

export async function drop(key) {
  await stored(WAITING, "readwrite", (store) => store.delete(key));
  channel.postMessage({ saved: 0 });
}

/** Hear of what another tab, or the worker, did with what waits. */
export function hear(act) {
  channel.addEventListener("message", ({ data }) => act(data));
}

/** Send what waits, one tab or worker at a time; returns how many were `saved`, and what it `met`. */
export async function sendAll(account) {
  if ((await waiting(account)).length === 0) return { saved: 0, met: "" };
  const act = () => sendEach(account);
  const done = await (navigator.locks ? navigator.locks.request(WAITING, act) : act());
  if (done.saved) channel.postMessage(done);
  return done;
}

async function sendEach(account) {
  let saved = 0;
  let met = "";
  for (const save of await waiting(account)) {
    if (save.refused) continue;
    const became = await send(save, account);
    if (became === "saved") saved += 1;
    // One that the server fails at is tried again later, and holds up none of the others.
    else if (became === "failed") met = "away";
    else if (became !== "refused") return { saved, met: became };
  }
  return { saved, met };
}

/** Send one save again; returns `saved`, `refused`, `failed`, or why the others need not be tried. */
async function send(save, account) {
  let answer;
  try {
    // What was shared was first sent without a key: how long ago tells whether it was done then.
    const tried = Math.ceil((Date.now() - save.at) / 1000);
    const body = new URLSearchParams({ ...save.fields, account: account ?? "", tried });
    const headers = { Accept: "application/json", "Idempotency-Key": save.key };
    answer = await fetch(save.path, { method: "POST", body, headers });
  } catch {
    return "away";
  }
  if (answer.status === 401 || new URL(answer.url).pathname === "/login") return "logged out";
  if (answer.ok) {
    await stored(WAITING, "readwrite", (store) => store.delete(save.key));
    await stored(WHO, "readwrite", (store) => store.put(Date.now(), SAVED));
    return "saved";
  }
  if (answer.status < 400 || isAway(answer) || [409, 429].includes(answer.status)) return "away";
  if (answer.status >= 500) return "failed";
  const { fault = "" } = await answer.json().catch(() => ({}));
  await stored(WAITING, "readwrite", (store) => store.put({ ...save, refused: true, fault }));
  return "refused";
}
