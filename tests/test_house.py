"""The rules of the house: which part may import which, how SQL is made, how long a file is."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "goalsql"
MODULES = sorted(PACKAGE.rglob("*.py"))
STATEMENTS = sorted((ROOT / "sql").rglob("*.sql"))
LONGEST = 400

MAY_IMPORT = {
    "codes": set(),
    "errors": set(),
    "resources": set(),
    "notebook": set(),
    "version": set(),
    "workshop": set(),
    "model": {"errors", "notebook"},
    "compile": {"errors", "resources", "model"},
    "engine": {"errors", "workshop"},
    "run": {"errors", "resources", "model", "compile", "engine"},
    "report": {"errors", "resources", "notebook", "workshop", "model", "compile", "engine"},
    "opening": {"errors", "model", "engine", "run", "report"},
    "status": {"errors", "version", "model", "compile", "engine", "run", "report", "opening"},
    "moving": {"errors", "compile", "engine", "run", "report"},
    "asking": {
        *("errors", "model", "compile", "engine", "run", "report", "opening", "status", "moving"),
    },
    "rewriting": {"errors", "engine", "run", "opening"},
    "project": {
        *("errors", "model", "compile", "engine", "run", "report", "opening", "asking"),
        *("rewriting", "moving"),
    },
    "__init__": {"errors", "version", "run", "report", "project", "status"},
    "examples": {"errors", "resources", "project"},
    "cli": {
        *("__init__", "errors", "model", "compile", "run", "report", "project", "status"),
        "examples",
    },
    "__main__": {"cli"},
}
"""For each part of the package, the others that it may import; what is above stays unknown."""

EVERYWHERE = {"codes"}
"""What every part may import besides."""

PURE = {"model", "compile"}
"""Parts that know no database and no frames."""

SQL = re.compile(
    r"\b(SELECT\s+\S|INSERT\s+(OR\s+\w+\s+)?INTO|CREATE\s+\S|DELETE\s+FROM|COPY\s+\S|DROP\s+\S"
    r"|UPDATE\s+\S+\s+SET|ATTACH\s+\S|WITH\s+\S+\s+AS\s*\()"
)


def part_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(module: Path) -> Iterator[str]:
    """The dotted names that a module imports, of goalsql and of others."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_part(name: str) -> str | None:
    """The part of goalsql that an imported name belongs to."""
    first, *rest = name.split(".")
    if first != "goalsql":
        return None
    return rest[0] if rest and rest[0] in MAY_IMPORT else "__init__"


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_imports_point_one_way(module: Path) -> None:
    part = part_of(module)
    wanted = {imported_part(name) for name in imports(module)} - {None, part}
    assert wanted <= MAY_IMPORT[part] | EVERYWHERE


def test_compile_and_engine_are_strangers() -> None:
    assert "engine" not in MAY_IMPORT["compile"]
    assert "compile" not in MAY_IMPORT["engine"]
    assert "model" not in MAY_IMPORT["engine"]


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) in PURE], ids=relative)
def test_the_pure_parts_know_no_database(module: Path) -> None:
    assert not {name.split(".")[0] for name in imports(module)} & {"duckdb", "polars", "rich"}


def test_an_upward_import_would_be_found() -> None:
    assert imported_part("goalsql.run.tick.run_tick") == "run"
    assert imported_part("goalsql.Project") == "__init__"
    assert imported_part("duckdb") is None


def house_files() -> list[Path]:
    folders = ("goalsql", "sql", "tests", "seeds")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    kinds = (".py", ".sql", ".yml", ".jinja", ".md")
    hidden = [path for path in files if any(part.startswith(".") for part in path.parts)]
    return [path for path in files if path.suffix in kinds and path not in hidden]


def test_no_file_is_over_400_lines() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in house_files()}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert not [relative(path) for path in house_files() if marks.search(path.read_text())]


def texts(node: ast.AST) -> Iterator[str]:
    """Every string in an expression; a value inside an f-string is a question mark."""
    for leaf in ast.walk(node):
        if isinstance(leaf, ast.JoinedStr):
            yield "".join(p.value if isinstance(p, ast.Constant) else "?" for p in leaf.values)
        elif isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
            yield leaf.value


def formatted_texts(tree: ast.AST) -> Iterator[str]:
    """The texts that are put together from parts: f-strings, `+`, `%` and `.format`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            yield from texts(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from texts(node.func.value)


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_no_sql_is_built_by_string_formatting(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert not [text for text in formatted_texts(tree) if SQL.search(text)]


@pytest.mark.parametrize(
    "code",
    [
        'f"SELECT {x} FROM t"',
        '"SELECT a FROM " + t',
        '"DELETE FROM %s" % t',
        '"COPY {} TO x".format(t)',
        '" ".join(["a"]) + "INSERT INTO t"',
    ],
)
def test_formatted_sql_would_be_found(code: str) -> None:
    assert any(SQL.search(text) for text in formatted_texts(ast.parse(code)))


@pytest.mark.parametrize("path", STATEMENTS, ids=relative)
def test_sql_does_not_ask_for_the_time(path: Path) -> None:
    clock = r"current_timestamp|current_date|current_time|localtime|\bnow\s*\(|\btoday\s*\("
    assert not re.search(clock, path.read_text(), re.IGNORECASE)


@pytest.mark.parametrize("path", STATEMENTS, ids=relative)
def test_every_statement_has_a_name_and_a_comment(path: Path) -> None:
    text = path.read_text()
    if path.parent.name == "macros":
        assert "-- name:" not in text, "a macro is a part of a statement"
        return
    macro, tags = r"\{% macro .*?\{% endmacro %\}", r"\{#.*?#\}|\{%.*?%\}"
    text = re.sub(f"{macro}|{tags}", "", text, flags=re.DOTALL).strip()
    head, *statements = text.split("-- name: ")
    assert not head
    assert statements
    for statement in statements:
        name, *lines = [line for line in statement.splitlines() if line]
        assert re.fullmatch(r"[a-z0-9_.{} ]+", name)
        assert lines[0].startswith("-- "), f"{name} does not say what it does"


def test_names_of_statements_are_unique() -> None:
    names = Counter(
        name
        for path in STATEMENTS
        for name in re.findall(r"^-- name: (.+)$", path.read_text(), re.M)
    )
    assert not [name for name, times in names.items() if times > 1]
