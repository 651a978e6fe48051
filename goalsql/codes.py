"""The codes of errors and warnings, as the README lists them.

GQ1xx is about definitions, GQ2xx about sources, GQ3xx about running; from x50 to x97 they are
warnings. Numbers are stable: one that was released keeps its meaning and is never given to another.
"""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """What kind of thing is wrong: its number, the cause and the mend in general.

    Example:
        >>> str(Code.UNKNOWN_KEY), Code.UNKNOWN_KEY.is_warning
        ('GQ106', False)
    """

    # fmt: off
    NO_PROJECT = ("GQ101",
        "the directory holds no `goalsql.yml`",
        "name the project's directory with `--project`, or make one with `goalsql init`")
    UNREADABLE_FILE = ("GQ102",
        "a project file cannot be read, is empty or is not UTF-8 text",
        "let it be read, save it as UTF-8, or remove it")
    NOT_YAML = ("GQ103",
        "a project file is not YAML",
        "mend the line: mostly an indent, a colon or a quote")
    REFUSED_YAML = ("GQ104",
        "YAML that goalsql refuses: tags, merge keys, a second document, keys that are no text, "
        "NUL, very deep nesting, aliases that multiply",
        "write it out plainly")
    KEY_TWICE = ("GQ105",
        "a key stands twice in one mapping",
        "remove one; of criteria make two members of `all`")
    UNKNOWN_KEY = ("GQ106",
        "a key is unknown where it stands",
        "correct its spelling, or its indent")
    MISSING_KEY = ("GQ107",
        "a key that is needed is missing",
        "write it")
    WRONG_SHAPE = ("GQ108",
        "a mapping, a list or a single value stands where another of them belongs, or a list has "
        "too many or too few members",
        "write what the message names")
    WRONG_VALUE = ("GQ109",
        "a value is missing, or is none of those that the key takes",
        "write one that the message names")
    WRONG_DURATION = ("GQ110",
        "a duration is not `<integer> <unit>`, or longer than 1,000 years",
        "write e.g. `3 days`; a bare number has no unit")
    KEYS_CONFLICT = ("GQ111",
        "keys that exclude each other stand together, none of several is there, or a key stands "
        "where it does not count",
        "keep one, or move it to where the message says")
    SAYS_NOTHING = ("GQ112",
        "a part says nothing: empty criteria, an empty list, `never: false`, `at_least: 0`",
        "fill it, or leave it out")
    EMPTY_RANGE = ("GQ113",
        "the first of two bounds is after the second",
        "write the smaller one first")
    NAME_TWICE = ("GQ114",
        "two segments, workflows or steps have one name",
        "rename one, or remove it")
    NAME_TAKEN = ("GQ115",
        "a name or path is reserved, or is something else to the project already",
        "choose another")
    UNKNOWN_DEFINITION = ("GQ116",
        "criteria or `suppression` name a segment or workflow that the project does not have",
        "correct the name, or write the definition")
    UNKNOWN_DATA = ("GQ117",
        "criteria name a property, event or field that no source has",
        "correct the name, or add the column or the source")
    UNFIT_OPERATOR = ("GQ118",
        "an operator or option does not fit what it is applied to, mostly its type",
        "use one that does, or cast the column in the source's `query`")
    WRONG_LITERAL = ("GQ119",
        "a value in criteria cannot be read as what it is compared with",
        "write it as that type: a number, `2026-01-05`, `2026-01-05T12:00:00Z`, true")
    SEGMENT_CIRCLE = ("GQ120",
        "segments need each other in a circle",
        "take one out of the criteria of the other")
    NO_ENROLLMENT_YET = ("GQ121",
        "`since: enrollment` stands in a trigger or segment, where there is no enrollment yet",
        "use `last`, `after`, `before` or `between`")
    EVENT_TRIGGER = ("GQ122",
        "an event trigger's criteria are more than events",
        "move other criteria to `also`, or use `trigger: filter`")
    WHICH_WORKFLOW = ("GQ123",
        "criteria on an event of goalsql's own do not say of which workflow",
        "add `where: {workflow_id: {is: ...}}`")
    OUTSIDE = ("GQ124",
        "a definition reads outside of the project directory and `allow_paths`",
        "move the file into the project, or add its directory to `allow_paths` in goalsql.yml")

    NULL_TEXT = ("GQ150",
        "`null` or `~` is read as a text",
        "write `known: false` for unknown, or quote the text")
    NAMELESS_STEPS = ("GQ151",
        "steps have no `id`, so that an edit of the list cannot follow them",
        "give every step an id")
    UNUSED_COLUMN = ("GQ152",
        "a name under `columns` is almost one that goalsql expects",
        "correct its spelling")
    NO_MARKETING_EMAIL = ("GQ153",
        "a goal counts nobody, as its workflow sends no marketing email",
        "send one, ask for `met_goal_any`, or keep contacts out by a suppression segment")
    TRUE_AT_ONCE = ("GQ154",
        "criteria hold from the instant of enrollment on, so that nobody stays",
        "ask for at least one event, or use `last`")
    WORKFLOW_CIRCLE = ("GQ155",
        "workflows depend on each other in a circle, and see one another as of the previous tick",
        "leave it so if that is meant, or take one dependence out")
    FIXED_START = ("GQ156",
        "`active_from` was changed after a tick had seen the workflow enabled; that has no effect",
        "put it back, or give the workflow a new id")
    FILE_GONE = ("GQ157",
        "a workflow's file is gone; it goes on as disabled",
        "put the file back, with `enabled: false` if it is not to run")

    NOTHING_THERE = ("GQ201",
        "no file is where a source or an attached database should be, or no table can have that "
        "name",
        "correct `from` or `attach`; paths are relative to goalsql.yml")
    UNREADABLE_SOURCE = ("GQ202",
        "a source or an attached database cannot be read: damaged, of another format, no such "
        "table",
        "mend what the engine's words name, or write the file anew")
    WRONG_QUERY = ("GQ203",
        "a source's `query` is not one SQL query",
        "write a single SELECT")
    NO_COLUMN = ("GQ204",
        "a source lacks a column that goalsql needs, or that `columns` names",
        "name the source's own under `columns`")
    COLUMN_TYPE = ("GQ205",
        "a column has a type that it cannot have",
        "cast it in a `query`")
    CONTACT_TWICE = ("GQ206",
        "a contact stands more than once in the contacts source",
        "leave one row for each contact, e.g. by a `query`")
    MANY_GONE = ("GQ207",
        "more active contacts are gone from the contacts source than `max_gone` allows",
        "look whether the file is whole; if it is meant, `goalsql tick --allow-gone`")
    BAD_VALUE = ("GQ208",
        "a value of the property history cannot be cast to the property's type",
        "mend the data, or set `on_bad_value: skip`")
    OTHER_IDS = ("GQ209",
        "contact ids have another type than in the database",
        "cast them back in a `query`, or start with a new database")
    ONLY_HERE = ("GQ210",
        "only DuckDB can read a source of that kind, and the project runs on another engine",
        "write it as Parquet, or name a table or view of the session's catalog")
    KEPT_ELSEWHERE = ("GQ211",
        "the files of a source are a table of Delta, Iceberg or Hudi, and hold rows that no longer "
        "count",
        "on Spark name the table of the session's catalog; else write the rows that count as "
        "Parquet elsewhere")

    BAD_ROWS = ("GQ250",
        "rows without contact id, event id or instant are ignored",
        "mend them where they come from")
    VALUES_SKIPPED = ("GQ251",
        "values of the property history that cannot be cast are skipped, as `on_bad_value` says",
        "mend the data")
    REWRITTEN = ("GQ252",
        "a source's files are not those that the last tick read, so that it is read whole",
        "add new files and leave old ones alone, for quicker ticks")
    LATE_ROWS = ("GQ253",
        "rows of a table came late, are gone or have changed, so that it is read whole",
        "give late rows a `loaded_at`, for quicker ticks")

    WRONG_OPTIONS = ("GQ301",
        "a command's options cannot be, or do not go together",
        "give those that the message names")
    UNKNOWN_NAME = ("GQ302",
        "there is no workflow, relation, view, period, tick, example or dialect of that name",
        "correct the name")
    UNKNOWN_CONTACT = ("GQ303",
        "there is no such contact",
        "correct the id, or deliver the contact first")
    NO_INSTANT = ("GQ304",
        "an instant or date cannot be read, or `since` is after `until`",
        "write `2026-01-05T12:00:00Z` or `2026-01-05`")
    EARLIER_TICK = ("GQ305",
        "a later tick has been run, and ticks only go on",
        "leave `--at` out, or give a later instant")
    NO_TICK = ("GQ306",
        "no tick has been run yet",
        "run `goalsql tick`")
    DISABLED = ("GQ307",
        "contacts cannot be enrolled in a workflow that is disabled",
        "set `enabled: true` first")
    NO_START = ("GQ308",
        "a what-if has no beginning: the workflow has no `active_from`, and no tick has seen it "
        "enabled",
        "write `active_from` in its file")
    REPORT_OUTDATED = ("GQ309",
        "a tick has been run since the report was made",
        "call `Project.report` again")
    NO_PUBLICATION = ("GQ310",
        "goalsql.yml does not say where to publish",
        "add `publish`")
    PLACE_TAKEN = ("GQ311",
        "the file or directory to be written holds what goalsql has not put there",
        "name another one, or empty it")
    CANNOT_WRITE = ("GQ312",
        "a file or directory cannot be written",
        "mend what the message names: rights, space, the path")
    NEWER_DATABASE = ("GQ313",
        "a newer goalsql has written the database",
        "upgrade goalsql, or restore a backup that was made before")
    OLDER_DATABASE = ("GQ314",
        "another version of goalsql made the database's tables or views, and this command only "
        "reads",
        "run `goalsql apply` or a tick, which upgrade it")
    FOREIGN_LOG = ("GQ315",
        "the log beside the database belongs to another file",
        "where a backup has been restored, remove the file `.wal`")
    FORGOTTEN = ("GQ316",
        "a contact was removed by `goalsql forget`, and is kept out for good",
        "leave the contact out")
    NO_DIALECT = ("GQ317",
        "a statement holds what another dialect cannot be trusted with, so none is printed",
        "take another dialect, or another operator or type where the message names one")
    STATEMENT_FAILED = ("GQ320",
        "the engine failed at a statement; nothing was changed",
        "mend what its words name, such as space or memory, and run again")
    CANNOT_OPEN = ("GQ321",
        "the project's database cannot be opened",
        "mend what the message names; `database` must be a DuckDB file of this version or earlier")
    LOCKED = ("GQ322",
        "another process has the database",
        "wait until it is done, e.g. with `--wait 60s`")
    PUBLISH_FAILED = ("GQ323",
        "a copy for readers could not be put in place; the tick before it is done",
        "mend what the message names, then `goalsql publish`")
    SYSTEM = ("GQ324",
        "the operating system refused something: space, rights, a file that went away",
        "mend what its words name, and run again")
    INTERRUPTED = ("GQ325",
        "the command was interrupted; what it had not finished is as before",
        "run it again")
    NO_MEMORY = ("GQ326",
        "memory is full, or the disk space for what it cannot hold",
        "raise `memory_limit`, lower `threads`, or name another `temp_directory` under `engine`")
    NO_SPACE = ("GQ327",
        "no space is left on a disk",
        "free some, then run again")
    DAMAGED = ("GQ328",
        "the database file, or the log beside it, is damaged",
        "put a backup in its place")
    FILE_CHANGED = ("GQ329",
        "the database was removed or replaced while a command used it",
        "see that the right one is there, then run again")
    NOT_FREED = ("GQ330",
        "contacts are forgotten, but the database file still has to be freed of what was "
        "deleted",
        "mend what the message names, then `goalsql forget` them again")
    NO_SPARK = ("GQ331",
        "there is no Spark session to run on: none installed, none that answers, one too old",
        "do what the message says")
    OTHER_ENGINE = ("GQ332",
        "the command is for another engine than the one that the project runs on",
        "do without it, or use `goalsql export` or `publish`")
    STATE_THERE = ("GQ333",
        "a state is to be imported, and the project has one already",
        "import it into a project without, or remove what the message names")
    NO_STATE = ("GQ334",
        "a directory holds no export of the whole state, or that of another version",
        "write one with `goalsql export --state`, by the same version of goalsql")

    LONG_HISTORY = ("GQ350",
        "a first tick decides more than a day of history with the tick clock, so that all steps "
        "due by now run now",
        "use `--clock event` to run them when they were due")
    QUEUE_DROPPED = ("GQ351",
        "manual enrollments were dropped, as their workflow is not enabled or not active yet",
        "enable it, and enroll them again")
    BY_HAND = ("GQ352",
        "a what-if leaves out contacts that were enrolled by hand",
        "read its figures as those of the other triggers")

    INTERNAL = ("GQ399",
        "goalsql itself is wrong",
        "please report it, with what `GOALSQL_DEBUG=1` shows")
    # fmt: on

    def __init__(self, number: str, cause: str, mend: str) -> None:
        self.number = number
        self.cause = cause
        self.mend = mend

    def __str__(self) -> str:
        return self.number

    @property
    def is_warning(self) -> bool:
        """Whether it changes nothing."""
        return 50 <= int(self.number[3:]) < 98

    def says(self, message: str) -> str:
        """A warning as a text: the code, then the message."""
        return f"{self} {message}"
