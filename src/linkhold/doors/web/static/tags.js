// The tags are found while one types.

import { fetched, one, put, tell } from "./page.js";

const PAUSE = 120;
let turn = 0;

addEventListener("input", async (event) => {
  if (!event.target.matches("#find")) return;
  turn += 1;
  const mine = turn;
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (mine !== turn) return;
  const address = new URL(event.target.form.action);
  if (event.target.value.trim()) address.searchParams.set("find", event.target.value);
  // Without a network what is shown stays, and the next letter tries again.
  const answer = await fetched(address).catch(() => undefined);
  if (mine !== turn || !answer?.ok) return;
  put(answer.page, "#tags");
  history.replaceState(history.state, "", address);
  tell(one("#tags .empty")?.textContent ?? "");
});
