"""Which version the tables of state have, and how those of an earlier one become today's."""

from __future__ import annotations

from goalsql.codes import Code
from goalsql.compile.statements import named, template
from goalsql.engine.protocol import Engine
from goalsql.errors import UsageError
from goalsql.run.state import SCHEMA_VERSION, contact_id_type, run


def schema_version(engine: Engine) -> int | None:
    """The version of the tables of state; None where there are none yet."""
    if contact_id_type(engine) is None:
        return None
    ((version,),) = run(engine, named("schema/version.sql")["version.of"])
    return int(version)


def migrate(engine: Engine) -> None:
    """Brings the tables of state to today's version; one that is newer stays as it is.

    Each migration is a transaction that also notes the version reached, so what a process that was
    killed has left is a database of some version, with which the next one goes on.

    Args:
        engine: the project's database, outside a transaction.
    """
    version, contact_id = schema_version(engine), contact_id_type(engine)
    if version is None or contact_id is None:
        return
    versions = named("schema/version.sql")
    for number in range(version + 1, SCHEMA_VERSION + 1):
        with engine.transaction():
            for statement in template(f"schema/migrations/{number:04}.sql", contact_id=contact_id):
                run(engine, statement)
            for name in ("version.begin", "version.reach"):
                run(engine, versions[name], schema_version=number)


def is_older(engine: Engine) -> bool:
    """Whether the tables of state, if there are any, are of an earlier version."""
    return (schema_version(engine) or SCHEMA_VERSION) < SCHEMA_VERSION


def check_not_newer(engine: Engine, database: str) -> None:
    """Finds out whether this goalsql knows the tables of state.

    Args:
        engine: the project's database.
        database: what to call it.

    Raises:
        UsageError: if a newer one has made them.
    """
    version = schema_version(engine) or SCHEMA_VERSION
    if version > SCHEMA_VERSION:
        raise UsageError(
            Code.NEWER_DATABASE,
            f"{database} has schema version {version}, and this goalsql knows versions up to "
            f"{SCHEMA_VERSION}: a newer goalsql has written it; upgrade goalsql, or restore a "
            "backup that was made before",
        )
