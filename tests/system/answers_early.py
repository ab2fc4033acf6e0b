"""Linkhold with its save broken on purpose: it answers first, and commits a moment later.

What a system does that keeps saves in memory, or that queues them. The harness must find it out.
"""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any

from linkhold import clock, wsgi
from linkhold.doors import current, saves
from linkhold.links import adding
from linkhold.links.adding import NewLink, Saved
from linkhold.links.drafting import Draft

NUMBERS = itertools.count(1)


def save_later(draft: Draft) -> Saved:
    runtime, caller = current.runtime(), current.caller()

    def commit() -> None:
        time.sleep(0.2)
        runtime.gathering.add(runtime.direct, caller.account_id, draft, origin=caller.origin)

    threading.Thread(target=commit, daemon=True).start()
    written: dict[str, Any] = {name: getattr(draft, name) for name in adding.WRITTEN}
    now = clock.now()
    return Saved(NewLink(next(NUMBERS), created_at=now, changed_at=now, **written), created=True)


saves.save = save_later
app = wsgi.app
