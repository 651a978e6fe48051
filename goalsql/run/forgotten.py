"""Whom `goalsql forget` has removed: known by digests only, and left out of every source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from sqlglot import exp

from goalsql.codes import Code
from goalsql.compile.relations import table
from goalsql.compile.statements import Statement, create_table, from_rows
from goalsql.errors import UsageError

_BITS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "HUGEINT": 128}
_CHOSEN = "chosen contacts"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The digests of the contacts that are forgotten, and the salt of all of them."""

    salt: str = ""
    digests: frozenset[str] = frozenset()

    def digest(self, contact: str) -> str:
        """What stands for a contact, by its id as text."""
        return sha256((self.salt + contact).encode()).hexdigest()

    def has(self, contact: str) -> bool:
        """Whether a contact is forgotten; the id as text, as `SELECT contact_id` shows it."""
        return bool(self.digests) and self.digest(contact) in self.digests


NOBODY = Forgotten()


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose rows the views of sources show: all but those of some contacts, or only theirs.

    `keys` are the contacts' ids as text; with a `salt`, their digests.
    """

    keys: Sequence[str]
    salt: str = ""
    only: bool = False

    def statement(self) -> Statement:
        """Makes the keys known to the views."""
        comment = "The contacts that the views of sources leave out, or show alone."
        rows = [(key,) for key in self.keys]
        into = partial(create_table, table(_CHOSEN))
        return from_rows("view.chosen", comment, {"contact_key": "VARCHAR"}, rows, into)

    def of(self, query: exp.Select) -> exp.Select:
        """The rows of a query with a `contact_id` that are shown; those without any always are."""
        key: exp.Expr = exp.cast(exp.column("contact_id"), exp.DataType.build("VARCHAR"))
        if self.salt:
            salted = exp.DPipe(this=exp.Literal.string(self.salt), expression=key)
            key = exp.func("SHA256", salted)
        same = exp.column("contact_key", "chosen").eq(key)
        return (
            exp.select("*")
            .from_(query.subquery("row_of"))
            .join(table(_CHOSEN, "chosen"), on=same, join_type="semi" if self.only else "anti")
        )


def all_but(forgotten: Forgotten) -> Choice | None:
    """Everybody's rows but theirs; None if nobody is forgotten."""
    if not forgotten.digests:
        return None
    return Choice(sorted(forgotten.digests), forgotten.salt)


def none_but(contacts: Sequence[str]) -> Choice:
    """The rows of some contacts only, by their ids as text."""
    return Choice(contacts, only=True)


def contact_name(contact: str, contact_id: str) -> str:
    """An id as `contact_id` shows it as text, e.g. `7` for `007` where ids are integers.

    Raises:
        UsageError: if no contact can have this id.
    """
    if contact_id == "VARCHAR":
        try:
            contact.encode()
        except UnicodeEncodeError:
            words = f"{contact!r} is no contact id: it is not text in UTF-8"
            raise UsageError(Code.UNKNOWN_CONTACT, words) from None
        return contact
    signed, bits = contact_id.removeprefix("U"), _BITS[contact_id.removeprefix("U")]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1)
    if signed != contact_id:
        low, high = 0, (1 << bits) - 1
    if re.fullmatch(r"[+-]?[0-9]{1,50}", contact.strip()) and low <= int(contact) <= high:
        return str(int(contact))
    words = f"{contact!r} is no contact id: the ids of contacts are {contact_id}"
    raise UsageError(Code.UNKNOWN_CONTACT, words)


def not_forgotten(forgotten: Forgotten, contacts: Sequence[str], contact_id: str) -> None:
    """Refuses what is asked of contacts that are forgotten.

    Args:
        forgotten: who is.
        contacts: ids as they were given; one that no contact can have is not.
        contact_id: the type of contact ids.

    Raises:
        UsageError: naming those that are.
    """
    found = []
    for contact in contacts if forgotten.digests else ():
        with suppress(UsageError):
            if forgotten.has(contact_name(contact, contact_id)):
                found.append(contact)
    if found:
        raise UsageError(
            Code.FORGOTTEN,
            f"{', '.join(found)} is forgotten: `goalsql forget` removed every row and keeps the "
            "contact out for good",
        )
