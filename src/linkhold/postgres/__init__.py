"""The embedded PostgreSQL: its programs, its cluster of files, and one server shared by all who use it.

Callers need `server.acquire`, `server.status` and `server.stop`, and the `Lease` that they get; this room
knows nothing of our tables.
"""
