"""Every command: what it prints, where, with which exit status, and what it leaves alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest
import sqlglot
import typer.main
import yaml
from typer.testing import CliRunner, Result

from goalsql import Project, __version__
from goalsql.cli import app
from goalsql.report.views import RELATIONS
from tests.conftest import END, REPOSITORY
from tests.holding import held

NAMES = (
    "demo", "init", "validate", "tick", "apply", "enroll", "report", "explain", "whatif", "compile",
    "publish", "export", "import", "compact", "status", "backup", "forget",
)  # fmt: skip
NURTURE = "workflows/nurture.yml"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def state(project: Path) -> dict[str, pl.DataFrame]:
    """Everything that the database holds."""
    loaded = Project.load(project)
    return {name: loaded.relation(name).sort(pl.all()) for name in RELATIONS[:-1]}


def same(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> bool:
    return all(before[name].equals(after[name]) for name in before)


def spoil(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_version() -> None:
    assert run("--version").stdout == f"goalsql {__version__}\n"


def test_python_m_goalsql_lists_every_command() -> None:
    command = [sys.executable, "-m", "goalsql", "--help"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0
    assert not [name for name in NAMES if not re.search(rf"^\W*{name}\s", done.stdout, re.M)]


def test_the_readme_documents_every_command_and_option() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    group = typer.main.get_command(app)
    commands = getattr(group, "commands")  # noqa: B009 # typer does not export the type
    assert set(commands) == set(NAMES)
    for name, command in commands.items():
        assert f"`goalsql {name}" in readme
        options = {option for parameter in command.params for option in parameter.opts}
        wanted = [option for option in options if option.startswith("-")]
        assert not [option for option in wanted if f"`{option}" not in readme], name
        assert command.help, name


@pytest.mark.parametrize(
    "arguments", [["tick", "--clock", "x"], ["tock"], ["tick", "--att", "x"], ["init"], ["export"]]
)
def test_a_wrong_command_line_is_status_2(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


class TestInit:
    def test_makes_a_project_that_is_valid(self, tmp_path: Path) -> None:
        result = run("init", tmp_path / "new")
        assert result.exit_code == 0
        assert "next: goalsql validate" in result.stdout
        there = {path.name for path in (tmp_path / "new").iterdir()}
        assert there == {"goalsql.yml", "segments", "workflows", "data"}
        assert run("validate", "-p", tmp_path / "new").exit_code == 0

    def test_leaves_a_directory_alone_that_holds_something(self, tmp_path: Path) -> None:
        (tmp_path / "note.txt").write_text("mine")
        result = run("init", tmp_path)
        assert result.exit_code == 2
        assert "name a new or empty directory" in result.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]

    def test_an_unknown_example(self, tmp_path: Path) -> None:
        result = run("init", tmp_path / "new", "--example", "quikstart")
        assert result.exit_code == 2
        assert "did you mean quickstart?" in result.stderr
        assert not (tmp_path / "new").exists()


class TestValidate:
    def test_prints_a_summary_and_warnings_apart(self, fresh_quickstart: Path) -> None:
        result = run("validate", "-p", fresh_quickstart)
        assert result.exit_code == 0
        summary = "tillwise is valid: 5 workflows, 4 segments, 6 sources, 1 warning\n"
        assert result.stdout == summary
        assert re.match(
            r"warning GQ153: workflows/customer_handover.yml:\d+: goal: ", result.stderr
        )

    def test_prints_every_mistake_with_its_place_and_nothing_else(self, fresh: Path) -> None:
        spoil(fresh, NURTURE, "is: lead", "iz: lead")
        spoil(fresh, NURTURE, "delay: 3 days", "delay: 3")
        spoil(fresh, "segments/people.yml", "property: unsubscribed", "property: unsubscribd")
        result = run("validate", "-p", fresh)
        assert result.exit_code == 2
        assert result.stdout == ""
        *problems, count = result.stderr.splitlines()
        assert count == "3 mistakes"
        assert len(problems) == 3
        place = re.compile(r"(workflows|segments)/\w+\.yml:\d+: [\w.\[\]]+: GQ1\d\d .+ \(.+\)")
        assert all(place.fullmatch(problem) for problem in problems)

    def test_json(self, fresh: Path) -> None:
        good = json.loads(run("validate", "--json", "-p", fresh).stdout)
        assert good["errors"] == []
        assert good["warnings"][0]["file"] == "workflows/customer_handover.yml"
        spoil(fresh, NURTURE, "is: lead", "iz: lead")
        result = run("validate", "--json", "-p", fresh)
        assert result.exit_code == 2
        (problem,) = json.loads(result.stdout)["errors"]
        assert set(problem) == {"code", "file", "line", "path", "message", "mend"}
        assert problem["code"] == "GQ106"

    def test_no_project(self, tmp_path: Path) -> None:
        result = run("validate", "-p", tmp_path)
        assert result.exit_code == 2
        assert result.stderr.startswith("goalsql.yml:1: GQ101 no such file")


class TestTick:
    def test_prints_one_line_and_is_done_already_the_second_time(self, fresh: Path) -> None:
        tick = ("tick", "--at", END, "--clock", "event", "-p", fresh)
        first = run(*tick)
        assert first.exit_code == 0
        head = r"tick 1 at 2026-01-01T00:00:00Z \(event clock\): [\d,]+ new events, .* steps run\n"
        assert re.fullmatch(head, first.stdout)
        assert first.stderr == ""
        before = state(fresh)
        second = run(*tick)
        assert second.exit_code == 0
        assert second.stdout == "tick 1 at 2026-01-01T00:00:00Z is done already: nothing to do\n"
        assert same(before, state(fresh))

    def test_an_earlier_tick_changes_nothing(self, ran: Path) -> None:
        before = state(ran)
        result = run("tick", "--at", "2025-06-01", "-p", ran)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert "earlier" in result.stderr
        assert same(before, state(ran))

    def test_wrong_files_change_nothing(self, fresh: Path) -> None:
        spoil(fresh, NURTURE, "is: lead", "iz: lead")
        result = run("tick", "--at", END, "-p", fresh)
        assert result.exit_code == 2
        assert result.stderr.startswith("workflows/nurture.yml:")
        assert not (fresh / "tillwise.duckdb").exists()

    def test_not_an_instant(self, fresh_quickstart: Path) -> None:
        result = run("tick", "--at", "noon", "-p", fresh_quickstart)
        assert result.exit_code == 2
        assert result.stderr.startswith("error GQ304: 'noon' is not an instant")

    def test_json_and_warnings(self, ran: Path) -> None:
        (ran / "workflows" / "win_back.yml").unlink()
        result = run("tick", "--at", "2026-01-02T00:00:00Z", "--json", "-p", ran)
        assert result.exit_code == 0
        printed = json.loads(result.stdout)
        assert printed["tick_at"] == "2026-01-02T00:00:00Z"
        assert printed["tick_id"] == 2
        assert result.stderr.startswith("warning GQ157: the file of workflow win_back is gone")

    def test_wrong_data_is_status_2(self, fresh: Path) -> None:
        contacts = fresh / "data" / "contacts.parquet"
        frame = pl.read_parquet(contacts)
        pl.concat([frame, frame.head(1)]).write_parquet(contacts)
        result = run("tick", "--at", END, "-p", fresh)
        assert result.exit_code == 2
        assert "contact_id stands more than once" in result.stderr

    def test_a_failure_while_running_is_status_1(self, fresh: Path) -> None:
        (fresh / "tillwise.duckdb").write_bytes(b"no database" * 1000)
        result = run("tick", "--at", END, "-p", fresh)
        assert result.exit_code == 1
        assert "is no DuckDB database: restore it from a backup" in result.stderr
        assert result.stderr.startswith("error GQ321: ")
        assert "Traceback" not in result.stderr


class TestEnroll:
    def test_queues_for_the_next_tick(self, ran: Path) -> None:
        result = run("enroll", "nurture", "1", "2", "-p", ran)
        assert result.stdout.startswith("2 contacts queued for nurture")
        again = run("enroll", "nurture", "2", "3", "-p", ran)
        assert again.stdout.startswith("1 contact queued for nurture (1 waited already)")
        tick = run("tick", "--at", "2026-01-02T00:00:00Z", "--json", "-p", ran)
        assert json.loads(tick.stdout)["decisions"] >= 1

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["nurtur", "1"], "did you mean nurture?"),
            (["nurture", "1", "nobody"], "no such contact: nobody"),
        ],
    )
    def test_wrong_names(self, ran: Path, arguments: list[str], message: str) -> None:
        result = run("enroll", *arguments, "-p", ran)
        assert result.exit_code == 2
        assert message in result.stderr


class TestExplain:
    def test_prints_the_criteria_and_the_history(self, run_quickstart: Path) -> None:
        result = run("explain", "nurture", "6", "-p", run_quickstart)
        assert result.exit_code == 0
        assert result.stderr == ""
        assert "\x1b" not in result.stdout
        head, reason, *_ = result.stdout.splitlines()
        assert head == "Lead nurture (nurture), contact 6, at 2026-01-01 00:00:00 UTC"
        assert reason.startswith("Met the goal on 2025-01-24 00:37:35")
        titles = ("Trigger", "Suppression", "Unenroll when", "Goal", "Branch", "History")
        assert not [title for title in titles if f"\n{title}" not in result.stdout]

    def test_json(self, run_quickstart: Path) -> None:
        arguments = ("explain", "nurture", "6", "--at", "2025-02-01", "--json")
        printed = json.loads(run(*arguments, "-p", run_quickstart).stdout)
        assert printed["contact_id"] == 6
        assert printed["at"] == "2025-01-31T23:00:00Z"
        goal = next(one for one in printed["sections"] if one["role"] == "goal")
        assert goal["criterion"]["holds"] is True
        assert goal["criterion"]["members"][0]["entries"][-1]["value"] == "customer"
        assert {row["what"] for row in printed["history"]} >= {"decision", "step", "goal_met"}

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["nurtur", "1"], "error GQ302: there is no workflow nurtur; did you mean nurture?\n"),
            (["nurture", "10000"], "error GQ303: there is no contact 10000; did you mean 1000?\n"),
            (["nurture", "nobody"], "error GQ303: there is no contact nobody\n"),
        ],
    )
    def test_wrong_names(self, run_quickstart: Path, arguments: list[str], message: str) -> None:
        result = run("explain", *arguments, "-p", run_quickstart)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr == message

    def test_a_wrong_instant(self, run_quickstart: Path) -> None:
        result = run("explain", "nurture", "6", "--at", "noon", "-p", run_quickstart)
        assert result.exit_code == 2
        assert result.stderr.startswith("error GQ304: 'noon' is not an instant")


class TestCompile:
    def test_every_statement_says_what_it_does(self, fresh_quickstart: Path) -> None:
        result = run("compile", "nurture", "-p", fresh_quickstart)
        assert result.exit_code == 0
        stages, text = [], ""
        for line in result.stdout.splitlines():
            if line.startswith("-- ====="):
                stages.append(line.split()[2])
            else:
                text += f"{line}\n"
        assert stages[:3] == ["rules", "truth", "fire"] or "truth" in stages
        statements = [one.strip() for one in text.split(";\n") if one.strip()]
        assert all(re.match(r"-- [\w.]+: \w", one) for one in statements)
        assert all(sqlglot.parse_one(one, read="duckdb") for one in statements)

    def test_another_dialect(self, fresh_quickstart: Path) -> None:
        result = run("compile", "--dialect", "postgres", "-p", fresh_quickstart)
        assert result.exit_code == 0
        assert 'CREATE TEMPORARY TABLE "pg_temp"."need" AS' in result.stdout

    def test_a_dialect_that_is_not_there(self, fresh_quickstart: Path) -> None:
        result = run("compile", "--dialect", "postgrs", "-p", fresh_quickstart)
        assert result.exit_code == 2
        assert "there is no dialect postgrs; did you mean postgres?" in result.stderr


class TestWhatIf:
    @pytest.fixture
    def demo_goal(self, tmp_path: Path) -> Path:
        path = tmp_path / "goal.yml"
        path.write_text("event: form_submission\nwhere: {form_id: {is: demo}}\n")
        return path

    def converted(self, project: Path) -> int:
        metrics = Project.load(project).relation("report.workflow_goal_metrics")
        return int(metrics.filter(pl.col("workflow_id") == "nurture")["converted"].item())

    def test_gives_what_a_tick_with_the_other_goal_gives(
        self, run_quickstart: Path, fresh: Path, demo_goal: Path
    ) -> None:
        nurture = yaml.safe_load((fresh / NURTURE).read_text())
        nurture["goal"] = {"criteria": yaml.safe_load(demo_goal.read_text())}
        (fresh / NURTURE).write_text(yaml.safe_dump(nurture))
        Project.load(fresh).tick(END, "event")
        today, other = self.converted(run_quickstart), self.converted(fresh)
        result = run("whatif", "nurture", "--goal", demo_goal, "-p", run_quickstart)
        assert result.exit_code == 0
        assert result.stdout.startswith("Lead nurture: what if?\n")
        figures = rf"^ converted +{today} +{other} +{other - today:+} *$"
        assert re.search(figures, result.stdout, re.M)

    def test_json_and_nothing_is_written(
        self, fresh_quickstart: Path, run_quickstart: Path, demo_goal: Path
    ) -> None:
        options = ("--goal", demo_goal, "--at", END, "--json", "-p", fresh_quickstart)
        printed = json.loads(run("whatif", "nurture", *options).stdout)
        assert printed["tick_at"] == END
        assert printed["metrics"][0]["converted"] == self.converted(run_quickstart)
        assert not (fresh_quickstart / "tillwise.duckdb").exists()

    def test_several_parts(self, run_quickstart: Path, tmp_path: Path) -> None:
        nobody, anybody = tmp_path / "enrollment.yml", tmp_path / "suppression.yml"
        nobody.write_text("{trigger: manual}")
        anybody.write_text("[]")
        parts = ("--enrollment", nobody, "--suppression", anybody)
        result = run("whatif", "nurture", *parts, "-p", run_quickstart)
        assert result.exit_code == 0
        assert re.search(r"^ enrolled +(\d+) +0 +-\1 *$", result.stdout, re.M)
        assert result.stderr.startswith("warning GQ352: contacts that were enrolled by hand")

    def test_wrong_input(self, run_quickstart: Path, demo_goal: Path) -> None:
        unknown = run("whatif", "nurtur", "--goal", demo_goal, "-p", run_quickstart)
        assert unknown.exit_code == 2
        assert "did you mean nurture?" in unknown.stderr
        demo_goal.write_text("name: Demo\ncriterai: {event: form_submission}\n")
        wrong = run("whatif", "nurture", "--goal", demo_goal, "-p", run_quickstart)
        assert wrong.exit_code == 2
        assert f"{demo_goal}:2: criterai: GQ106 unknown key" in wrong.stderr
        assert wrong.stdout == ""


class TestDemo:
    def test_does_not_touch_an_earlier_one(self, ran: Path) -> None:
        before = state(ran)
        result = run("demo", ran)
        assert result.exit_code == 2
        assert "holds a demo already" in result.stderr
        assert same(before, state(ran))


def test_a_tick_waits_for_who_has_the_database_as_long_as_it_is_told(fresh: Path) -> None:
    database = fresh / "tillwise.duckdb"
    with held(database) as holder:
        tick = ("tick", "--at", "2025-02-01", "--clock", "event", "-p", fresh)
        refused = run(*tick)
        assert refused.exit_code == 1
        assert f"is in use by process {holder.pid}" in " ".join(refused.stderr.split())
        assert run(*tick, "--wait", "soon").exit_code == 2
        threading.Timer(1, holder.kill).start()
        assert run(*tick, "--wait", "60s").exit_code == 0
