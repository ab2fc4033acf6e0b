// What makes the pages quicker for who has a keyboard, a mouse and scripts; without it they work as well.

import "./forms.js";
import "./keys.js";
import "./search.js";
import { resume } from "./list.js";
import { plain } from "./page.js";

// What was done is told once: an address that is kept or reloaded says nothing of it.
if (plain(location.href) !== location.pathname + location.search) {
  history.replaceState(history.state, "", plain(location.href));
}
resume();
