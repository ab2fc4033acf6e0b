"""The doors: HTTP, cut by protocol. A door reads, calls an act, and writes; it has no SQL and no rules."""
