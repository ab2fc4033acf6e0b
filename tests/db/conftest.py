"""Databases that no migration has seen."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from conftest import NUMBERS, TestServer, make_engine


@pytest.fixture
def empty(postgres: TestServer) -> Iterator[Engine]:
    """Return an engine on a database that has nothing in it."""
    name = f"empty_{os.getpid()}_{next(NUMBERS)}"
    with postgres.admin() as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER linkhold")
    engine = make_engine(postgres.url(name))
    yield engine
    engine.dispose()
