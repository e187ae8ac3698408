"""The peer's tables: the columns that Bowerbird keeps of the same things, with the indexes that its pages want.

Ids are UUIDs as text: SQLite has no type for them, and text goes through SQLAlchemy and pydantic untouched, which is
faster than its `Uuid`. Times are naive UTC.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, desc, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

Uuid = String(36)


class Base(DeclarativeBase):
    """What all tables share."""


class User(Base):
    """A person."""

    __tablename__ = "user"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    handle: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    picture_name: Mapped[str] = mapped_column(String(24), default="")
    deleted_at: Mapped[datetime | None]


class Follow(Base):
    """One person follows another."""

    __tablename__ = "follow"
    __table_args__ = ({"sqlite_with_rowid": False},)

    follower_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id), primary_key=True)
    followee_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id), primary_key=True, index=True)


class Block(Base):
    """One person has blocked another."""

    __tablename__ = "block"
    __table_args__ = (Index("block_reverse", "other_id", "person_id"), {"sqlite_with_rowid": False})

    person_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id), primary_key=True)
    other_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id), primary_key=True)


class Board(Base):
    """A board; `pins` counts what is on it."""

    __tablename__ = "board"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    owner_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id), index=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(String(10))
    generation: Mapped[int]
    pins: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship()


class Share(Base):
    """Somebody's right to a board beside its owner."""

    __tablename__ = "share"
    __table_args__ = (Index("share_person", "person_id", "board_id"), {"sqlite_with_rowid": False})

    board_id: Mapped[str] = mapped_column(Uuid, ForeignKey(Board.id), primary_key=True)
    person_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id), primary_key=True)
    role: Mapped[str] = mapped_column(String(10))


class Link(Base):
    """A web address, known once."""

    __tablename__ = "link"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    url_hash: Mapped[str] = mapped_column(String(43), unique=True)
    original_url: Mapped[str] = mapped_column(Text)


class Pin(Base):
    """A link or a picture on a board; a board holds a link once."""

    __tablename__ = "pin"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    board_id: Mapped[str] = mapped_column(Uuid, ForeignKey(Board.id))
    saved_by_id: Mapped[str] = mapped_column(Uuid, ForeignKey(User.id))
    link_id: Mapped[str | None] = mapped_column(Uuid, ForeignKey(Link.id))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    alt: Mapped[str] = mapped_column(Text)
    site: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(String(10))
    failure: Mapped[str] = mapped_column(String(40))
    picture_name: Mapped[str] = mapped_column(String(24))
    width: Mapped[int]
    height: Mapped[int]
    color: Mapped[str] = mapped_column(String(7))
    thumbhash: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    position: Mapped[datetime]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    board: Mapped[Board] = relationship()
    saver: Mapped[User] = relationship()

    __table_args__ = (
        UniqueConstraint("board_id", "link_id"),
        Index("pin_board", "board_id", desc("position"), desc("id")),
        # The feed walks this one alone, newest first, until 25 pins are the reader's: the rows are never touched.
        Index(
            "pin_feed",
            desc("published_at"),
            desc("id"),
            "saved_by_id",
            "board_id",
            sqlite_where=text("published_at IS NOT NULL AND deleted_at IS NULL"),
        ),
    )
