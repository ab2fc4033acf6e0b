"""Linkhold with other limits of time than its own: `TEST_SECONDS="serve.GRACE_SECONDS=60 …"`.

What is tested is then what happens, and not how fast this machine is at that moment.
"""

from __future__ import annotations

import json
import os

import linkhold.cli
from linkhold.cli import draining, serve
from linkhold.postgres import stopping

MODULES = {"draining": draining, "serve": serve, "stopping": stopping}

for told in os.environ["TEST_SECONDS"].split():
    name, _, seconds = told.partition("=")
    module, _, limit = name.partition(".")
    assert hasattr(MODULES[module], limit)
    setattr(MODULES[module], limit, json.loads(seconds))
linkhold.cli.main()
