"""A contact at a time, in plain Python: does the data lead to the figures that it promises?

The five workflows are written out here by hand, with nothing of goalsql: predicates that say what
is true of a contact at an instant, asked at every instant at which they can change.
"""

from __future__ import annotations

import importlib.util
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import duckdb
import pytest

QUICKSTART = Path(__file__).parents[2] / "seeds" / "quickstart"
END = datetime(2026, 1, 1)
NEVER = datetime.max
CONTACTS = 2_000

Instants = list[datetime]


@dataclass
class Contact:
    created: datetime
    employees: int | None
    history: dict[str, list[tuple[datetime, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    pricing: list[tuple[datetime, str]] = field(default_factory=list)
    forms: dict[str, Instants] = field(default_factory=lambda: defaultdict(list))
    uses: dict[str, list[tuple[datetime, int | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    mails: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    competitor_from: datetime = NEVER

    def value(self, name: str, t: datetime) -> str | None:
        seen = [value for when, value in self.history[name] if when <= t]
        return seen[-1] if seen else None

    def stage(self, t: datetime) -> str | None:
        return self.value("lifecycle_stage", t)

    def used(self, name: str, t: datetime, days: int = 10_000) -> int:
        """How often in the last `days` days, as seen from t."""
        return sum(t - timedelta(days) < when <= t for when, _ in self.uses[name])

    def turning_points(self) -> Instants:
        """Every instant at which anything asked of this contact can change."""
        points = [self.created, self.competitor_from]
        points += [when for changes in self.history.values() for when, _ in changes]
        points += [when for instants in self.forms.values() for when in instants]
        points += [when for when, *_ in self.mails]
        for when, _ in self.pricing:
            points += [when, when + timedelta(30)]
        for events in self.uses.values():
            for when, _ in events:
                points += [when + timedelta(days) for days in (0, 3, 7, 14, 60)]
        return sorted({point for point in points if point < END})


Truth = Callable[[Contact, datetime], bool]
GoalTruth = Callable[[Contact, datetime, datetime], bool]
Step = tuple[timedelta, str]


@dataclass(frozen=True)
class Rules:
    active_from: datetime
    fires: Callable[[Contact], Instants]
    goal: GoalTruth
    leave: Truth
    steps: Callable[[Contact, datetime], Iterator[Step]]  # when a mail is due; last "" is the end
    re_enroll: bool = False


def rising(truth: Truth, since: datetime, existing: bool) -> Callable[[Contact], Instants]:
    """When a filter fires: where the truth begins, or at `since` if it holds already."""

    def fires(contact: Contact) -> Instants:
        found, before = [], False
        for point in contact.turning_points():
            now = point >= contact.created and truth(contact, point)
            if now and not before:
                found.append(point)
            before = now
        late = [point for point in found if point > since]
        held = contact.created <= since and truth(contact, since)
        return [since, *late] if held and (existing or since in found) else late

    return fires


def competitor(contact: Contact, t: datetime) -> bool:
    return t >= contact.competitor_from


def unsubscribed(contact: Contact, t: datetime) -> bool:
    return contact.value("unsubscribed", t) == "true"


def nurture_goal(contact: Contact, t: datetime, enrolled: datetime) -> bool:
    recent = sum(t - timedelta(30) < when <= t for when, _ in contact.pricing)
    asked = any(when <= t for when in contact.forms["demo"])
    return contact.stage(t) == "customer" or asked or recent >= 3


def nurture_steps(contact: Contact, enrolled: datetime) -> Iterator[Step]:
    yield timedelta(0), "welcome"
    split = enrolled + timedelta(3)
    seen = any(enrolled < when <= split and path == "/pricing" for when, path in contact.pricing)
    yield timedelta(3), "offer" if seen else "nudge"
    yield timedelta(10), "case-study"
    yield timedelta(14), ""


def downloads(contact: Contact) -> Instants:
    both = contact.forms["whitepaper"] + contact.forms["benchmark-report"]
    return sorted(when for when in both if contact.stage(when) != "customer")


def whitepaper_goal(contact: Contact, t: datetime, enrolled: datetime) -> bool:
    asked = any(enrolled < when <= t for when in contact.forms["demo"])
    return asked or contact.stage(t) == "customer"


def whitepaper_steps(contact: Contact, enrolled: datetime) -> Iterator[Step]:
    yield timedelta(0), "download-thanks"
    split = enrolled + timedelta(2)
    clicked = any(
        enrolled < when <= split and (workflow, email, event)
        == ("whitepaper", "download-thanks", "clicked")
        for when, workflow, email, event in contact.mails
    )  # fmt: skip
    large = "talk-to-us" if clicked else "chain-store-tour"
    yield timedelta(2), large if (contact.employees or 0) >= 50 else "starter-guide"
    yield timedelta(7), ""


def on_trial(contact: Contact, t: datetime) -> bool:
    text = contact.value("trial_ends_on", t)
    if text is None:
        return False
    midnight = datetime.combine(date.fromisoformat(text), time(), ZoneInfo("Europe/Paris"))
    ends = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    return t < ends <= t + timedelta(14)


def trial_goal(contact: Contact, t: datetime, enrolled: datetime) -> bool:
    imported = any(
        when <= t and (items or 0) >= 50 for when, items in contact.uses["catalogue_imported"]
    )
    return (
        contact.used("sale_rung_up", t, 7) >= 5
        and (imported or contact.used("colleague_invited", t) > 0)
        and contact.used("support_ticket", t, 3) == 0
    )


def trial_steps(contact: Contact, enrolled: datetime) -> Iterator[Step]:
    yield timedelta(0), "getting-started"
    split = enrolled + timedelta(2)
    imported = any(enrolled < when <= split for when, _ in contact.uses["catalogue_imported"])
    yield timedelta(2), "first-sale-tips" if imported else "import-help"
    yield timedelta(7), "invite-your-team"
    yield timedelta(12), "trial-ending"
    yield timedelta(12), ""


def handover_steps(contact: Contact, enrolled: datetime) -> Iterator[Step]:
    yield timedelta(0), "contract"
    yield timedelta(21), ""


def silent_till(contact: Contact, t: datetime) -> bool:
    return (
        contact.stage(t) == "customer"
        and contact.used("till_closed", t) > 0
        and contact.used("till_closed", t, 60) == 0
    )


def win_back_goal(contact: Contact, t: datetime, enrolled: datetime) -> bool:
    return contact.used("till_closed", t, 14) >= 3 and contact.stage(t) not in ("churned", "other")


def win_back_leave(contact: Contact, t: datetime) -> bool:
    return competitor(contact, t) or unsubscribed(contact, t) or contact.stage(t) == "churned"


def win_back_steps(contact: Contact, enrolled: datetime) -> Iterator[Step]:
    yield timedelta(0), "we-miss-you"
    yield timedelta(4), "comeback-offer"
    yield timedelta(14), ""


def stays_out(contact: Contact, t: datetime) -> bool:
    return competitor(contact, t) or unsubscribed(contact, t)


NEW_YEAR, LAUNCH, JUNE = datetime(2025, 1, 1), datetime(2025, 1, 15, 8), datetime(2025, 6, 1)
WORKFLOWS = {
    "nurture": Rules(LAUNCH, rising(lambda c, t: c.stage(t) == "lead", LAUNCH, True),
                     nurture_goal, stays_out, nurture_steps),
    "whitepaper": Rules(NEW_YEAR, downloads, whitepaper_goal, stays_out, whitepaper_steps, True),
    "trial_onboarding": Rules(NEW_YEAR, rising(on_trial, NEW_YEAR, True), trial_goal, stays_out,
                              trial_steps),
    "customer_handover": Rules(
        NEW_YEAR, rising(lambda c, t: c.stage(t) == "customer", NEW_YEAR, False),
        lambda c, t, enrolled: c.used("go_live", t) > 0, lambda c, t: False, handover_steps),
    "win_back": Rules(JUNE, rising(silent_till, JUNE, False), win_back_goal, win_back_leave,
                      win_back_steps),
}  # fmt: skip


@dataclass
class Passages:
    """All enrollments of one contact in one workflow."""

    mails: list[tuple[datetime, str]] = field(default_factory=list)
    met: Instants = field(default_factory=list)
    status: str = ""
    by_goal: bool = False


def passages(rules: Rules, contact: Contact) -> Passages:
    """Takes one contact through one workflow, passage by passage."""
    result, free_from = Passages(), datetime.min
    points = contact.turning_points()
    firings = [d for d in rules.fires(contact) if d >= rules.active_from]
    for number, d in enumerate(firings):
        closed = bool(result.status) and (not rules.re_enroll or d < free_from)
        if closed or rules.leave(contact, d) or rules.goal(contact, d, d):
            continue
        after = [point for point in points if point >= d]
        goal_at = next((p for p in after if rules.goal(contact, p, d)), NEVER)
        left_at = next((p for p in after if rules.leave(contact, p)), NEVER)
        gone_at, result.status, free_from = min(goal_at, left_at), "active", NEVER
        for delay, email in rules.steps(contact, d):
            due = d + delay
            if due > END or due >= gone_at:
                break
            if email:
                result.mails.append((due, email))
            else:
                result.status, free_from = "completed", due
        if result.status == "active" and gone_at < END:
            result.status, free_from = "unenrolled", gone_at
            result.by_goal |= goal_at <= left_at
        # A completed one may meet the goal until the contact's next passage begins.
        beyond = firings[number + 1] if rules.re_enroll and number + 1 < len(firings) else END
        met_in_passage = result.status == "unenrolled" and goal_at <= left_at
        if met_in_passage or (result.status == "completed" and goal_at < beyond):
            result.met.append(goal_at)
    return result


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("quickstart_generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return load(QUICKSTART / "generate.py")


@pytest.fixture(scope="module")
def contacts(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Contact]:
    directory = tmp_path_factory.mktemp("quickstart")
    generator.generate(directory, contacts=CONTACTS, seed=7)
    data = directory / "data"
    with duckdb.connect() as con:

        def rows(query: str, name: str) -> list[tuple]:  # type: ignore[type-arg]
            return con.execute(query, {"file": str(data / name)}).fetchall()

        people = {
            row[0]: Contact(row[1], row[2])
            for row in rows("SELECT contact_id, created_at, employees FROM read_parquet($file)",
                            "contacts.parquet")
        }  # fmt: skip
        history = "SELECT * FROM read_parquet($file) ORDER BY occurred_at"
        for contact_id, name, value, when in rows(history, "property_changes.parquet"):
            people[contact_id].history[name].append((when, value))
        views = "SELECT * FROM read_parquet($file) WHERE path LIKE '/pricing%'"
        for contact_id, _, when, path, _ in rows(views, "page_views/*.parquet"):
            people[contact_id].pricing.append((when, path))
        for contact_id, _, when, form, _ in rows("FROM read_parquet($file)", "forms/*.parquet"):
            people[contact_id].forms[form].append(when)
        for contact_id, _, when, name, items, _ in rows(
            "FROM read_parquet($file)", "product_events.parquet"
        ):
            people[contact_id].uses[name].append((when, items))
        for contact_id, _, when, workflow, email, event, _ in rows(
            "FROM read_parquet($file)", "email_events.parquet"
        ):
            people[contact_id].mails.append((when, workflow, email, event))
        for contact_id, when in rows("FROM read_csv($file)", "competitors.csv"):
            people[contact_id].competitor_from = when
    return people


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_data_leads_to_the_promised_figures(
    workflow: str, contacts: dict[int, Contact], generator: ModuleType
) -> None:
    found: Counter[str] = Counter()
    for contact in contacts.values():
        passed = passages(WORKFLOWS[workflow], contact)
        if not passed.status:
            continue
        receipts = [
            when for when, of, _, event in contact.mails
            if of == workflow and event == "delivered" and workflow != "customer_handover"
        ]  # fmt: skip
        converted = any(receipts and met > min(receipts) for met in passed.met)
        found["enrolled"] += 1
        found[passed.status] += 1
        found["recipients"] += bool(receipts)
        found["met_goal"] += bool(passed.met)
        found["converted"] += converted
        found["unenrolled_by_goal"] += passed.by_goal
        if passed.met and not converted:
            found["met_goal_before_email" if receipts else "met_goal_no_email"] += 1
        if not passed.met:
            kind = "left" if passed.status == "unenrolled" else passed.status
            found[f"{'emailed' if receipts else 'not_emailed'}_{kind}"] += 1
    promised = generator.expected(CONTACTS, seed=7)[workflow]
    assert dict(+found) == dict(+Counter(promised))


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_emails_are_those_that_the_workflow_sends(
    workflow: str, contacts: dict[int, Contact]
) -> None:
    for contact_id, contact in contacts.items():
        due = passages(WORKFLOWS[workflow], contact).mails
        sent = sorted(
            (when, email) for when, of, email, event in contact.mails
            if of == workflow and event == "sent"
        )  # fmt: skip
        assert [email for _, email in sent] == [email for _, email in due], contact_id
        for (sent_at, _), (due_at, _) in zip(sent, due, strict=True):
            assert timedelta(0) < sent_at - due_at < timedelta(minutes=1), contact_id
