"""What all tables share: the base class, names of constraints, and column types that have names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import ARRAY, BigInteger, DateTime, Identity, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Names of constraints are a convention, so that a migration can name what it changes.
CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

Owner = Annotated[int, mapped_column(BigInteger)]
"""The account that a row belongs to: the first column of every key and index of such a table."""
Id = Annotated[int, mapped_column(BigInteger, Identity(always=False))]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Words = Annotated[str, mapped_column(Text)]
WordList = Annotated[list[str], mapped_column(ARRAY(Text))]


class Base(DeclarativeBase):
    """The base class of every table."""

    metadata = MetaData(naming_convention=CONVENTION)
