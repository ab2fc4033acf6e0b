"""The settings: one frozen value, read once from the environment; the only module that reads it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from linkhold import validators
from linkhold.errors import InvalidSetting

PREFIX = "LINKHOLD_"
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
FILE_SUFFIX = "_FILE"
"""`LINKHOLD_X_FILE` names a file that holds the value of `LINKHOLD_X`, for secrets."""


def default_data_dir() -> Path:
    """Return where the platform keeps such data: below the home directory, or `/var/lib` for root."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/linkhold")
    return Path(platformdirs.user_data_dir("linkhold", appauthor=False))


class Settings(BaseModel):
    """All that can be set; each field is the variable `LINKHOLD_` and its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Annotated[Path, BeforeValidator(validators.named), AfterValidator(validators.absolute)] = Field(
        default_factory=default_data_dir,
        description="Where the embedded PostgreSQL keeps everything. The default is `/var/lib/linkhold`"
        " for root, and otherwise the user's data directory, such as `~/.local/share/linkhold`.",
    )
    database_url: Annotated[SecretStr, AfterValidator(validators.postgres_url)] | None = Field(
        default=None,
        description="A PostgreSQL 15 or later of your own, `postgresql://user:password@host/name`."
        " Without it Linkhold runs its embedded one.",
    )
    database_pooler: Literal["none", "transaction"] = Field(
        default="none",
        description="`transaction` when the database's URL leads to pgbouncer in that mode: nothing is then"
        " expected to outlast a transaction. See docs/postgresql.md.",
    )
    database_direct_url: Annotated[SecretStr, AfterValidator(validators.postgres_url)] | None = Field(
        default=None,
        description="The same database without the pooler, for what needs a connection of its own: hearing"
        " what other processes tell, `linkhold db psql` and `linkhold db dump`.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address to listen on: `0.0.0.0` or `::` for the whole network.",
    )
    port: int = Field(
        default=5465,
        ge=0,
        le=65535,
        description="The port to listen on; 0 picks a free one. The default spells LINK on a telephone.",
    )
    workers: int = Field(default=2, ge=1, le=256, description="How many web processes serve.")
    # More threads than this wait for the interpreter's lock: with 16 the same process saved a third less.
    threads: int = Field(
        default=8,
        ge=1,
        le=256,
        description="How many requests a web process works on at once, each with a connection to PostgreSQL.",
    )
    waiters: int = Field(
        default=4,
        ge=0,
        le=255,
        description="How many of these threads clients may hold that wait for changes, at most all but one;"
        " who comes after them is answered at once, and told to come back in two seconds. For more of them,"
        " raise `LINKHOLD_THREADS` by as many, which slows the others a little, or `LINKHOLD_WORKERS`.",
    )
    public_url: Annotated[str, AfterValidator(validators.public_url)] = Field(
        default="",
        description="Where people reach Linkhold, like `https://links.example`, when that is not the address"
        " it listens on.",
    )
    hosts: Annotated[str, AfterValidator(validators.host_names)] = Field(
        default="",
        description="The host names by which Linkhold may be asked for, with commas between, `.example.org`"
        " for all below; others are refused. Any by default.",
    )
    trusted_proxies: Annotated[str, AfterValidator(validators.proxies)] = Field(
        default="",
        description="The proxies that are believed when they tell a client's address and scheme"
        " (`X-Forwarded-For`, `X-Forwarded-Proto`) and the request's id: addresses or networks, and `unix`"
        " for whoever may use our Unix socket, with commas between.",
    )
    cors_origins: Annotated[str, AfterValidator(validators.origins)] = Field(
        default="",
        description="Web sites whose scripts may use the API with a token, like `https://app.example`, with"
        " commas between; none by default.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important messages that are logged."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto", description="`auto` writes text to a terminal and JSON to anything else."
    )
    url_schemes: Annotated[str, AfterValidator(validators.schemes)] = Field(
        default="http,https", description="The kinds of address that may be saved, with commas between."
    )
    max_url_length: int = Field(
        default=8192, ge=256, le=65536, description="The longest URL that may be saved, in characters."
    )
    max_title_length: int = Field(
        default=2048, ge=64, le=65536, description="The longest title, in characters."
    )
    max_description_length: int = Field(
        default=65536, ge=256, le=1048576, description="The longest description, in characters."
    )
    max_notes_length: int = Field(
        default=262144, ge=256, le=4194304, description="The longest notes, in characters."
    )
    max_tags: int = Field(
        default=256,
        ge=1,
        le=4096,
        description="The most tags that are given to one link; merging keeps all there are.",
    )
    max_tag_length: int = Field(default=255, ge=16, le=512, description="The longest tag, in characters.")
    max_body_size: int = Field(
        default=4194304, ge=16384, le=1073741824, description="The largest request body, in bytes."
    )
    statement_timeout: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="Seconds after which PostgreSQL gives up a statement of a request.",
    )
    session_days: int = Field(
        default=90, ge=1, le=3650, description="Days without a visit after which a browser is logged out."
    )

    @field_validator("database_direct_url")
    @classmethod
    def _past_a_pooler(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # One without the other is the half of a change, and nothing else would tell so.
        if url is not None and info.data.get("database_pooler") == "none":
            raise ValueError(f"it leads past a pooler, and {variable('database_pooler')} names none")
        return url

    @property
    def has_straight_way(self) -> bool:
        """Tell whether a connection can be kept: a pooler gives it to others after each transaction."""
        return self.database_pooler == "none" or self.database_direct_url is not None

    @property
    def pool_size(self) -> int:
        """Return how many connections a web process works with: one for each thread, and two for upkeep.

        That holds its lock on one while it works on the other, and nobody who asks waits for it.
        """
        return self.threads + 2


def variable(field: str) -> str:
    """Return the name of the environment variable of a field of `Settings`."""
    return PREFIX + field.upper()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment (or from a mapping that stands for it).

    Raises `InvalidSetting`, which names the variable, for one that is unknown, not valid, or
    whose file cannot be read.
    """
    found = {
        name: value
        for name, value in (os.environ if environ is None else environ).items()
        if name.startswith(PREFIX)
    }
    values: dict[str, str] = {}
    for name, value in sorted(found.items()):
        field, text = _field_and_text(name, value)
        if field in values:
            raise InvalidSetting(f"{variable(field)} is set twice: directly, and as a file. Keep one.")
        values[field] = text
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise InvalidSetting(_sentence(error, values)) from None


def environment() -> dict[str, str]:
    """Return the environment as it is, for a program that is started on a person's behalf."""
    return dict(os.environ)


def metrics_directory() -> str | None:
    """Return where processes share their metrics, as prometheus-client's own variable says."""
    return os.environ.get(METRICS_DIRECTORY)


def set_metrics_directory(directory: str | None) -> None:
    """Say it, to this process and those it starts; None that they share nothing."""
    if directory is None:
        os.environ.pop(METRICS_DIRECTORY, None)
    else:
        os.environ[METRICS_DIRECTORY] = directory


def _field_and_text(name: str, value: str) -> tuple[str, str]:
    """Return the field that a variable sets, and the text it sets it to."""
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields:
        return field, value
    from_file = field.removesuffix(FILE_SUFFIX.lower())
    if from_file != field and from_file in Settings.model_fields:
        try:
            return from_file, Path(value).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise InvalidSetting(f"{name} names a file that cannot be read: {value} ({reason}).") from None
    near = difflib.get_close_matches(field, Settings.model_fields, n=1)
    hint = f" Did you mean {variable(near[0])}?" if near else " `linkhold settings` lists all that exist."
    raise InvalidSetting(f"{name} is not a setting of Linkhold.{hint}")


def _sentence(error: ValidationError, values: Mapping[str, str]) -> str:
    """Say in a sentence which variable is wrong and why."""
    first: Any = error.errors(include_url=False)[0]
    field = str(first["loc"][0])
    secret = field in {"database_url", "database_direct_url"}
    shown = "" if secret else f" (it is {values.get(field, '')!r})"
    reason = str(first["msg"]).removeprefix("Value error, ")
    return f"{variable(field)} is not valid{shown}: {reason[:1].lower()}{reason[1:]}."
