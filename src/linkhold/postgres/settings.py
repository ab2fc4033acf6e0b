"""The server's settings: one table, given on its command line, which no file in the cluster can override."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from linkhold.postgres import memory
from linkhold.postgres.journal import FILE_NAME

SETTINGS: dict[str, str] = {
    # Who can reach it: nobody over a network, and over the socket nobody but its owner.
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    # Saved means saved. These are PostgreSQL's defaults; a file in the cluster must not change them.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "restart_after_crash": "on",
    # Room.
    "max_connections": "100",
    "shared_buffers": memory.shared_buffers(),
    # A week of logs, in English, so that what they say can be understood by a program; and a word every
    # other second when a start takes long.
    "logging_collector": "on",
    "log_destination": "stderr",
    "log_filename": FILE_NAME,
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] ",
    "log_startup_progress_interval": "2s",
    "lc_messages": "C",
}

if sys.platform == "linux":
    # Memory in /dev/shm is removed by systemd when a user who runs Linkhold logs out, and is 64 MB in a
    # container: either breaks parallel queries and statistics of a server that otherwise runs.
    SETTINGS["dynamic_shared_memory_type"] = "sysv"


def command_line(places: Mapping[str, str], extra: Mapping[str, str]) -> list[str]:
    """Return the settings as arguments of `postgres`; what is extra wins over the table."""
    merged = {**SETTINGS, **places, **extra}
    return [part for name, value in merged.items() for part in ("-c", f"{name}={value}")]


def quoted(path: str) -> str:
    """Return a path for a setting that is a list, in which commas and spaces would end it."""
    return '"' + path.replace('"', '""') + '"'
