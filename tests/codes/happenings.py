"""What brings the codes that need sources or a command."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Mapping

import duckdb

from goalsql import Code, EngineError, Project, examples
from goalsql.engine.duckdb import DuckDB
from goalsql.engine.spark.session import session_of
from goalsql.report.files import replaced
from tests.engine.spark.fake import FakeSession
from tests.holding import held
from tests.run.acme import CONTACTS, NURTURE, SIGNUPS, Acme, contacts_of, events_of

T1, T2 = "2026-01-05", "2026-01-10"


def spoiled_column(acme: Acme, source: str, columns: Mapping[str, str], *row: object) -> None:
    acme.source(source, columns, [row])
    acme.tick(T1)


def no_column(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "occurred_at": "TIMESTAMP", "form": "VARCHAR"}
    spoiled_column(acme, "signup", columns, "a", "2026-01-02", "demo")


def column_type(acme: Acme) -> None:
    columns = {"contact_id": "VARCHAR", "created_at": "INT", "score": "INT"}
    spoiled_column(acme, "contacts", columns, "a", 20260101, 1)


def nothing_there(acme: Acme) -> None:
    (acme.directory / "contacts.parquet").unlink()
    acme.tick(T1)


def unreadable_source(acme: Acme) -> None:
    (acme.directory / "contacts.parquet").write_text("no Parquet")
    acme.tick(T1)


def outside(acme: Acme) -> None:
    acme.settings["sources"]["contacts"] = {"from": "../contacts.parquet"}
    acme.settle()
    acme.tick(T1)


def wrong_query(acme: Acme) -> None:
    acme.settings["sources"]["contacts"] = {"query": "SELECT 1; SELECT 2"}
    acme.settle()
    acme.tick(T1)


def contact_twice(acme: Acme) -> None:
    contacts_of(acme, [*CONTACTS, CONTACTS[0]])
    acme.tick(T1)


def many_gone(acme: Acme) -> None:
    people = [(f"p{number}", "2026-01-01", 1) for number in range(20)]
    contacts_of(acme, people)
    events_of(acme, "signup", [(name, f"s{name}", "2026-01-04", "demo") for name, *_ in people])
    acme.tick(T1)
    contacts_of(acme, people[:9])
    acme.tick("2026-01-06")


def changed_scores(acme: Acme) -> None:
    columns = dict.fromkeys(("contact_id", "property", "value"), "VARCHAR")
    rows = [("a", "score", "many", "2026-01-02")]
    acme.source("property_changes", columns | {"occurred_at": "TIMESTAMP"}, rows)


def bad_value(acme: Acme) -> None:
    changed_scores(acme)
    acme.tick(T1)


def values_skipped(acme: Acme) -> tuple[str, ...]:
    acme.settings["on_bad_value"] = "skip"
    changed_scores(acme)
    return warnings_of(acme, T1)


def other_ids(acme: Acme) -> None:
    acme.tick(T1)
    contacts_of(acme, [(1, "2026-01-01", 1)], contact_id="INT")
    acme.tick(T2)


def bad_rows(acme: Acme) -> tuple[str, ...]:
    events_of(acme, "signup", [*SIGNUPS, (None, "x", "2026-01-03", "demo")])
    return warnings_of(acme, T1)


def rewritten(acme: Acme) -> tuple[str, ...]:
    acme.tick(T1)
    events_of(acme, "signup", SIGNUPS[1:])
    return warnings_of(acme, T2)


def late_rows(acme: Acme) -> tuple[str, ...]:
    shop = acme.directory / "shop.duckdb"
    with duckdb.connect(str(shop)) as connection:
        path = str(acme.directory / "events_1.parquet")
        connection.read_parquet(path).create("purchases")
    acme.settings["attach"] = {"shop": "shop.duckdb"}
    acme.settings["sources"]["events"]["purchase"] = {"from": "shop.purchases"}
    acme.settle()
    acme.tick(T1)
    with duckdb.connect(str(shop)) as connection:
        connection.execute("INSERT INTO purchases VALUES ('a', 'p9', '2026-01-02', 9)")
    return warnings_of(acme, T2)


def file_gone(acme: Acme) -> tuple[str, ...]:
    acme.tick(T1)
    (acme.directory / "workflows" / "one.yml").unlink()
    return warnings_of(acme, T2)


def fixed_start(acme: Acme) -> tuple[str, ...]:
    acme.tick(T1)
    acme.workflow(NURTURE | {"active_from": "2026-01-02"})
    return tuple(one.as_warning() for one in Project.load(acme.directory).validate())


def long_history(acme: Acme) -> tuple[str, ...]:
    return Project.load(acme.directory).tick(T1, "tick").warnings


def queue_dropped(acme: Acme) -> tuple[str, ...]:
    Project.load(acme.directory).enroll("nurture", ["c"])
    acme.workflow(NURTURE | {"enabled": False})
    return warnings_of(acme, T1)


def whatif(acme: Acme) -> tuple[str, ...]:
    file = acme.directory / "goal.yml"
    file.write_text("criteria: {event: purchase}\n")
    return Project.load(acme.directory).whatif("nurture", goal=file, at=T1).warnings


def by_hand(acme: Acme) -> tuple[str, ...]:
    acme.workflow(NURTURE | {"enrollment": {"trigger": "manual"}})
    return whatif(acme)


def no_start(acme: Acme) -> None:
    acme.workflow({key: value for key, value in NURTURE.items() if key != "active_from"})
    whatif(acme)


def earlier_tick(acme: Acme) -> None:
    acme.tick(T2)
    acme.tick(T1)


def disabled(acme: Acme) -> None:
    acme.workflow(NURTURE | {"enabled": False})
    Project.load(acme.directory).enroll("nurture", ["a"])


def report_outdated(acme: Acme) -> None:
    acme.tick(T1)
    report = Project.load(acme.directory).report()
    acme.tick(T2)
    report.read("goal_funnel")


def cannot_open(acme: Acme) -> None:
    acme.database.write_text("no database")
    acme.tick(T1)


def of_version(acme: Acme, version: int) -> None:
    acme.tick(T1)
    with duckdb.connect(str(acme.database)) as connection:
        connection.execute("UPDATE goalsql.project SET schema_version = ?", [version])
    Project.load(acme.directory).relation("goalsql.ticks")


def foreign_log(acme: Acme) -> None:
    acme.tick(T1)
    log = acme.directory / "acme.duckdb.wal"
    with duckdb.connect(str(acme.directory / "other.duckdb")) as connection:
        connection.execute("CREATE TABLE t (x INTEGER)")
        shutil.copy(acme.directory / "other.duckdb.wal", log)
    acme.tick(T2)


def forgotten(acme: Acme) -> None:
    project = Project.load(acme.directory)
    project.forget(["a"])
    project.enroll("nurture", ["a"])


def not_freed(acme: Acme) -> None:
    def fail(name: str, sql: str) -> None:
        if name == "copy.database":
            raise EngineError(name, sql, "the disk is full")

    acme.tick(T1)
    Project.load(acme.directory, tracer=fail).forget(["a"])


def no_memory(acme: Acme) -> None:
    acme.settings["engine"] = {"duckdb": {"memory_limit": "1 MB", "threads": 1}}
    acme.settle()
    acme.tick(T1)


def no_space(acme: Acme) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with replaced(acme.directory / "page.html"):
        raise full


def damaged(acme: Acme) -> None:
    acme.tick(T1)
    acme.database.write_bytes(acme.database.read_bytes()[:5_000])
    acme.tick(T2)


def file_changed(acme: Acme) -> None:
    def remove(name: str, sql: str) -> None:
        if name == "state.tick":
            acme.database.unlink()

    acme.tick(T1, remove)


def locked(acme: Acme) -> None:
    with held(acme.database):
        acme.tick(T1)


def publish_failed(acme: Acme) -> None:
    acme.settings["publish"] = {"to": "copy.duckdb"}
    acme.settle()

    def fail(name: str, sql: str) -> None:
        if name == "publish.outbox":
            raise EngineError(name, sql, "the disk is full")

    acme.tick(T1, fail)


def no_dialect(acme: Acme) -> None:
    changed_scores(acme)
    columns = {"contact_id": "VARCHAR", "created_at": "TIMESTAMP", "score": "DECIMAL(9, 2)"}
    acme.source("contacts", columns, CONTACTS)
    Project.load(acme.directory).compile(dialect="postgres")


def state_there(acme: Acme) -> None:
    acme.tick(T1)
    Project.load(acme.directory).export_state(acme.directory / "state")
    Project.load(acme.directory).import_state(acme.directory / "state")


def only_here(acme: Acme) -> None:
    acme.settings["sources"]["contacts"] = {"query": "SELECT 1 AS contact_id"}
    acme.settle()
    Project.load(acme.directory, spark=FakeSession()).validate()


def kept_elsewhere(acme: Acme) -> None:
    log = acme.directory / "_delta_log"
    log.mkdir()
    log.joinpath("00000000000000000000.json").touch()
    Project.load(acme.directory).validate()


ELSEWHERE: dict[Code, Callable[[Acme], object]] = {
    Code.NO_PROJECT: lambda acme: Project.load(acme.directory / "none").validate(),
    Code.FIXED_START: fixed_start,
    Code.FILE_GONE: file_gone,
    Code.OUTSIDE: outside,
    Code.NOTHING_THERE: nothing_there,
    Code.UNREADABLE_SOURCE: unreadable_source,
    Code.WRONG_QUERY: wrong_query,
    Code.NO_COLUMN: no_column,
    Code.COLUMN_TYPE: column_type,
    Code.CONTACT_TWICE: contact_twice,
    Code.MANY_GONE: many_gone,
    Code.BAD_VALUE: bad_value,
    Code.OTHER_IDS: other_ids,
    Code.ONLY_HERE: only_here,
    Code.KEPT_ELSEWHERE: kept_elsewhere,
    Code.BAD_ROWS: bad_rows,
    Code.VALUES_SKIPPED: values_skipped,
    Code.REWRITTEN: rewritten,
    Code.LATE_ROWS: late_rows,
    Code.WRONG_OPTIONS: lambda acme: Project.load(acme.directory).whatif("nurture"),
    Code.UNKNOWN_NAME: lambda acme: Project.load(acme.directory).relation("goalsql.tiks"),
    Code.UNKNOWN_CONTACT: lambda acme: Project.load(acme.directory).enroll("nurture", ["x"]),
    Code.NO_INSTANT: lambda acme: acme.tick("noon"),
    Code.EARLIER_TICK: earlier_tick,
    Code.NO_TICK: lambda acme: Project.load(acme.directory).relation("goalsql.ticks"),
    Code.DISABLED: disabled,
    Code.NO_START: no_start,
    Code.REPORT_OUTDATED: report_outdated,
    Code.NO_PUBLICATION: lambda acme: Project.load(acme.directory).publish(),
    Code.PLACE_TAKEN: lambda acme: examples.init(acme.directory),
    Code.CANNOT_WRITE: lambda acme: Project.load(acme.directory).report_html(
        acme.directory / "goalsql.yml" / "page.html"
    ),
    Code.NEWER_DATABASE: lambda acme: of_version(acme, 99),
    Code.OLDER_DATABASE: lambda acme: of_version(acme, 1),
    Code.FOREIGN_LOG: foreign_log,
    Code.FORGOTTEN: forgotten,
    Code.NO_DIALECT: no_dialect,
    Code.STATEMENT_FAILED: lambda acme: DuckDB(None).execute("some", "no statement"),
    Code.CANNOT_OPEN: cannot_open,
    Code.LOCKED: locked,
    Code.PUBLISH_FAILED: publish_failed,
    Code.NO_MEMORY: no_memory,
    Code.NO_SPACE: no_space,
    Code.DAMAGED: damaged,
    Code.FILE_CHANGED: file_changed,
    Code.NOT_FREED: not_freed,
    Code.NO_SPARK: lambda acme: session_of("sc://localhost:1", None),
    Code.OTHER_ENGINE: lambda acme: Project.load(acme.directory, spark=FakeSession()).status(),
    Code.STATE_THERE: state_there,
    Code.NO_STATE: lambda acme: Project.load(acme.directory).import_state(acme.directory),
    Code.LONG_HISTORY: long_history,
    Code.QUEUE_DROPPED: queue_dropped,
    Code.BY_HAND: by_hand,
}
"""For each code, what brings it to the project of `tests.run.acme`: raises, or returns warnings."""


def warnings_of(acme: Acme, at: str) -> tuple[str, ...]:
    return tuple(acme.tick(at).warnings)
