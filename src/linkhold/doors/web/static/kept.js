// The page that is shown when something was kept on this device: what waits, and whether it was sent.

import { hear, holdOn, sendAll, waiting, whose } from "./outbox.js";

async function draw() {
  const saves = await waiting(await whose());
  const items = saves.map(({ fields }) => {
    const item = document.createElement("li");
    item.append(document.createElement("bdi"));
    item.firstChild.textContent = fields.title || fields.url || fields.text || "";
    return item;
  });
  document.querySelector("#kept").replaceChildren(...items);
  return saves.length;
}

/** Send what waits; nothing is left to say here once all of it is in the library. */
async function send() {
  const { saved } = await sendAll(await whose());
  if ((await draw()) === 0 && saved) location.replace("/");
}

// The worker, which kept it, may not ask for that.
holdOn();
hear(draw);
send();
addEventListener("online", send);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
