"""The stories of the quickstart's contacts, and the figures that follow from them.

A story is a list of beats. A beat happens `day` days after the contact's anchor (the instant it
becomes a lead, downloads, starts a trial, ...: a point of the story's window), plus a random part
of at most `spread` days; beats of one contact with the same day and spread happen together. Emails
are what the workflow sends under the event clock until the contact leaves at day `stop`. Beats
outside the year are not written. A story's last part says what each workflow makes of its contacts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from typing import NamedTuple

NEVER = 1_000.0


class Outcome(NamedTuple):
    """What one workflow makes of one contact, as of the end of the year."""

    bucket: str  # of report.goal_funnel; empty: never enrolled
    recipient: bool = False
    status: str = "unenrolled"
    by_goal: bool = False


WON = Outcome("converted", True, by_goal=True)
WON_LATER = Outcome("converted", True, "completed")
WON_AND_BACK = Outcome("converted", True, "completed", by_goal=True)  # completed a second passage
EARLY = Outcome("met_goal_before_email", True, by_goal=True)
UNREACHED = Outcome("met_goal_no_email", by_goal=True)
UNREACHED_LATER = Outcome("met_goal_no_email", status="completed")
DONE = Outcome("emailed_completed", True, "completed")
LEFT = Outcome("emailed_left", True)
ACTIVE = Outcome("emailed_active", True, "active")
SILENT_DONE = Outcome("not_emailed_completed", status="completed")
SILENT_ACTIVE = Outcome("not_emailed_active", status="active")
OUT = Outcome("")  # a decision, but no enrollment

BUCKETS = ("converted", "met_goal_before_email", "met_goal_no_email", "emailed_active",
           "emailed_completed", "emailed_left", "not_emailed_active", "not_emailed_completed",
           "not_emailed_left")  # fmt: skip
FIGURES = ("enrolled", "active", "completed", "unenrolled", "unenrolled_by_goal", "recipients",
           "met_goal")  # fmt: skip


class Beat(NamedTuple):
    """One thing that happens to a contact; the columns of the table `beat` of the SQL."""

    kind: str  # property, mail, unsubscribe, view, form, product, competitor
    day: float
    key: str = ""  # property, workflow of an email, path, form or name of a product event
    value: str = ""  # new value, email, items or severity
    spread: float = 0.0
    fate: str = "delivered"  # of an email: delivered, slow (12 hours), bounced
    engagement: str = "random"  # with an email: random, click, none (opened at most)
    size: str = ""  # only contacts with at least 50 (large) or fewer (small) employees


Beats = list[Beat]


def stage(day: float, value: str, spread: float = 0.0) -> Beats:
    """A new lifecycle stage."""
    return [Beat("property", day, "lifecycle_stage", value, spread)]


def visits(*days: float, path: str = "/pricing", spread: float = 0.5) -> Beats:
    """Page views of a pricing page."""
    return [Beat("view", day, path, spread=spread) for day in days]


def form(day: float, form_id: str, spread: float = 0.0) -> Beats:
    """A form submission."""
    return [Beat("form", day, form_id, spread=spread)]


def demo(day: float, spread: float = 3.0) -> Beats:
    """Asks for a demo."""
    return form(day, "demo", spread)


def uses(name: str, *days: float, value: str = "", spread: float = 0.1) -> Beats:
    """Product events."""
    return [Beat("product", day, name, value, spread) for day in days]


def mails(workflow: str, emails: Iterable[tuple[float, str]], fate: str = "delivered") -> Beats:
    """The emails of a passage; fate `soft` lets only the first one bounce."""
    rest = "delivered" if fate == "soft" else fate
    fates = ["bounced" if fate == "soft" else fate]
    return [
        Beat("mail", day, workflow, email, fate=(fates.pop() if fates else rest))
        for day, email in emails
    ]


def unsubscribes(day: float, workflow: str, email: str) -> Beats:
    """A click on "unsubscribe" in an email, and the property that follows from it."""
    return [
        Beat("unsubscribe", day, workflow, email, 0.3),
        Beat("property", day, "unsubscribed", "true", 0.3),
    ]


def customer(day: float, live: float = NEVER, spread: float = 0.0) -> Beats:
    """Becomes a customer, gets the contract, and goes live `live` days after."""
    beats = stage(day, "customer", spread)
    beats.append(Beat("mail", day, "customer_handover", "contract", spread=spread))
    return beats if live == NEVER else beats + uses("go_live", day + live, spread=spread)


def nurture(stop: float = NEVER, arm: str = "nudge", fate: str = "delivered") -> Beats:
    """Becomes a lead and gets the emails of nurture that are due before day `stop`."""
    due = [(0.0, "welcome"), (3.0, arm), (10.0, "case-study")]
    beats = stage(0, "lead") + mails("nurture", [m for m in due if m[0] < stop], fate)
    # The CRM does what the outbox says within the hour.
    return [*beats, Beat("property", 14.01, "nurtured", "true")] if stop > 14 else beats


def download(day: float = 0, stop: float = NEVER, click: bool = False,
             fate: str = "delivered") -> Beats:  # fmt: skip
    """Downloads a paper and gets the emails of whitepaper; `click` decides the inner branch."""
    beats = form(day, "whitepaper" if click else "benchmark-report")
    thanks = mails("whitepaper", [(day, "download-thanks")], fate)
    beats += [beat._replace(engagement="click" if click else "none") for beat in thanks]
    if stop > day + 2:
        large = "talk-to-us" if click else "chain-store-tour"
        for size, email in (("large", large), ("small", "starter-guide")):
            beats += [m._replace(size=size) for m in mails("whitepaper", [(day + 2, email)], fate)]
    return beats


def trial(stop: float = NEVER, items: int = 0, fate: str = "delivered") -> Beats:
    """Starts a trial, perhaps imports a catalogue, and gets the emails of trial_onboarding."""
    due = [(0.0, "getting-started"), (2.0, "first-sale-tips" if items else "import-help"),
           (7.0, "invite-your-team"), (12.0, "trial-ending")]  # fmt: skip
    beats = [*stage(0, "opportunity"), Beat("property", 0, "trial_ends_on")]
    beats += uses("catalogue_imported", 1, value=str(items), spread=0.5) if items else []
    return beats + mails("trial_onboarding", [m for m in due if m[0] < stop], fate)


def sales(day: float) -> Beats:
    """Five sales within a day and a half, and two later ones that change nothing."""
    days = [day + hours for hours in (0.0, 0.3, 0.6, 1.0, 1.5, 3.0, 5.0)]
    return uses("sale_rung_up", *days, spread=0.1)


def silent(stop: float = NEVER, fate: str = "delivered") -> Beats:
    """A till that was last closed 60 days before the anchor, and the emails of win_back."""
    due = [(0.0, "we-miss-you"), (4.0, "comeback-offer")]
    beats = uses("till_closed", -135, -120, -105, -90, -75, spread=2) + uses(
        "till_closed", -60, spread=0
    )
    return beats + mails("win_back", [m for m in due if m[0] < stop], fate)


def closes(day: float) -> Beats:
    """Closes the till three times within four days, then every 20 days."""
    return uses("till_closed", day, day + 1.5, day + 3, *(day + 20.0 * k for k in range(1, 11)))


class Window(NamedTuple):
    """From when to when something lies, as ISO text."""

    opens: str
    closes: str


COHORTS = {  # when the contacts of a cohort were created
    "veteran": Window("2023-01-01", "2025-01-01"),
    "regular": Window("2025-01-01", "2025-10-15"),
    "autumn": Window("2025-10-15", "2025-12-01"),
    "fresh": Window("2025-12-01", "2025-12-30"),
}
PILE = Window("2025-01-15T08:00:00", "2025-01-15T08:00:00")  # nurture's active_from
LEADS = Window("2025-01-16", "2025-11-01")
YEAR = Window("2025-01-02", "2025-11-01")
AUTUMN = Window("2025-10-16", "2025-12-10")
FRESH = Window("2025-12-26", "2025-12-31")
NEW_YEAR = Window("2025-01-01", "2025-01-10")
SPRING = Window("2025-03-15", "2025-03-31")
SILENCE = Window("2025-06-05", "2025-11-01")
LATE_SILENCE = Window("2025-12-20", "2025-12-31")
END = "2026-01-01"


class Story(NamedTuple):
    """What `share` of 1,000 contacts live through."""

    share: int
    cohort: str
    window: Window
    beats: Beats
    outcomes: Mapping[str, Outcome] = {}
    first_stage: str = "subscriber"
    lead_in: float = 0.01  # days from created_at to the anchor, at least


V, R, A, F = COHORTS
N, W, T, H, B = WORKFLOWS = (
    "nurture", "whitepaper", "trial_onboarding", "customer_handover", "win_back",
)  # fmt: skip
QUALIFIED = "marketing_qualified"
OLD_LEAD = stage(-9, "lead", 3)
TEAM = uses("colleague_invited", 1.5)
BLOCKED = uses("support_ticket", 3.8, value="blocking")
HEALTHY = uses("till_closed", *(20.0 * k for k in range(20)), spread=8) + form(100, "whitepaper")
LISTED, EXPOSED = [Beat("competitor", -5)], [Beat("competitor", 5)]

STORIES: tuple[Story, ...] = (
    # Who was there before the year: readers, shops that use their till, old leads.
    Story(160, V, FRESH, []),
    Story(60, V, NEW_YEAR, HEALTHY, {}, "customer"),  # one download: `also` is false
    Story(40, V, PILE, OLD_LEAD + nurture()[1:], {N: DONE}),  # enrolled at active_from
    Story(4, V, PILE, OLD_LEAD + nurture(6)[1:] + customer(6, 9, 3), {N: WON, H: UNREACHED}),
    Story(2, V, PILE, OLD_LEAD + demo(-6), {N: OUT}),  # met the goal before active_from
    # Shops whose till falls silent.
    Story(24, V, SILENCE, silent(), {B: DONE}, "customer"),
    Story(3, V, SILENCE, silent() + uses("till_closed", 6, 9), {B: DONE}, "customer"),  # twice only
    Story(3, V, SILENCE, silent(6) + closes(6), {B: WON}, "customer"),
    Story(1, V, SILENCE, silent() + closes(19), {B: WON_LATER}, "customer"),
    Story(1, V, SILENCE, silent(6, "bounced") + closes(6), {B: UNREACHED}, "customer"),
    Story(4, V, SILENCE, silent(2) + stage(2, "churned", 1), {B: LEFT}, "customer"),
    Story(3, V, LATE_SILENCE, silent(), {B: ACTIVE}, "customer"),
    Story(5, V, SPRING, silent()[:6], {}, "customer"),  # silent before active_from: stays out
    # Leads of the year that never meet the goal, or meet it in vain.
    Story(185, R, FRESH, []),
    Story(100, R, LEADS, nurture(), {N: DONE}),
    Story(6, R, LEADS, nurture(fate="soft"), {N: DONE}),
    Story(3, R, LEADS, nurture(fate="bounced"), {N: SILENT_DONE}),
    Story(4, R, LEADS, nurture() + stage(5, "other", 3), {N: DONE}),  # no lead any more, yet stays
    Story(18, R, LEADS, nurture(arm="offer") + visits(1, 40, 75), {N: DONE}),  # no 3 in 30 days
    Story(5, R, LEADS, nurture(1) + unsubscribes(1, N, "welcome"), {N: LEFT}),
    Story(3, R, LEADS, nurture(1) + unsubscribes(1, N, "welcome") + customer(20),
          {N: LEFT, H: SILENT_DONE}),  # the exit was first: does not count
    Story(2, R, LEADS, nurture(5) + EXPOSED + demo(6), {N: LEFT}),
    Story(3, R, LEADS, stage(0, "lead") + LISTED + demo(2), {N: OUT}, lead_in=6),
    Story(3, R, LEADS, stage(0, "lead") + demo(-4) + customer(12, 5), {N: OUT, H: UNREACHED},
          lead_in=6),  # met the goal before it became a lead
    Story(2, R, LEADS, stage(0, "lead") + visits(-9, -6, -3), {N: OUT}, lead_in=10),
    Story(2, R, LEADS, nurture(0.1, fate="slow") + demo(0.1, 0.3), {N: EARLY}),
    Story(2, R, LEADS, nurture(6, fate="bounced") + customer(6, 10, 3),
          {N: UNREACHED, H: UNREACHED}),
    # Leads that convert.
    Story(7, R, LEADS, nurture(0.5) + demo(0.5, 2), {N: WON}),
    Story(2, R, LEADS, nurture(0.5) + demo(0.5, 2) + customer(9, 30),
          {N: WON, H: UNREACHED_LATER}),  # live only after the handover was over
    Story(6, R, LEADS, nurture(5) + stage(4, QUALIFIED) + customer(5, 8, 3),
          {N: WON, H: UNREACHED}),
    Story(5, R, LEADS, nurture(4, "offer") + visits(-6, 1, 4, spread=1.5), {N: WON}, lead_in=9),
    Story(2, R, LEADS, nurture(5, fate="soft") + demo(5), {N: WON}),
    Story(4, R, LEADS, nurture() + customer(22, spread=8), {N: WON_LATER, H: SILENT_DONE}),
    # Nurtured in vain, back for a paper, then a demo: one contact, three workflows.
    Story(4, R, LEADS, nurture() + download(20, 23) + demo(23) + customer(33, 9),
          {N: WON_LATER, W: WON, H: UNREACHED}),
    # Downloads.
    Story(46, R, YEAR, download() + stage(0.2, QUALIFIED), {W: DONE}),
    Story(9, R, YEAR, download(click=True) + stage(0.2, QUALIFIED), {W: DONE}),
    Story(4, R, YEAR, download() + download(45, click=True), {W: DONE}),  # enrolled twice
    Story(2, R, YEAR, download() + form(0.004, "whitepaper"), {W: DONE}),  # already_active
    Story(3, R, YEAR, download(0, 1) + unsubscribes(1, W, "download-thanks") + demo(9), {W: LEFT}),
    Story(1, R, YEAR, LISTED + form(0, "whitepaper") + demo(2), {W: OUT}, lead_in=6),
    Story(2, R, YEAR, download(0, 0.1, fate="slow") + demo(0.1, 0.3), {W: EARLY}),
    Story(1, R, YEAR, download(0, 3, fate="bounced") + demo(3), {W: UNREACHED}),
    Story(6, R, YEAR, download(0, 3, click=True) + demo(3), {W: WON}),
    Story(4, R, YEAR, download(0, 3) + demo(3) + customer(20, 6), {W: WON, H: UNREACHED}),
    Story(3, R, YEAR, download() + customer(12, 10, 9), {W: WON_LATER, H: UNREACHED}),
    Story(3, R, YEAR, download(click=True) + download(30, 33) + demo(33), {W: WON}),
    Story(2, R, YEAR, download(0, 3) + demo(3) + download(40), {W: WON_AND_BACK}),
    # Trials.
    Story(34, R, YEAR, trial(), {T: DONE}),
    Story(4, R, YEAR, trial(items=12) + sales(3), {T: DONE}),  # too small a catalogue
    Story(4, R, YEAR, trial(items=80) + uses("sale_rung_up", 3, 7, 11, 15, 19), {T: DONE}),
    Story(3, R, YEAR, trial(1) + unsubscribes(1, T, "getting-started") + TEAM, {T: LEFT}),
    Story(1, R, YEAR, trial(3, 60, "bounced") + sales(3), {T: UNREACHED}),
    Story(9, R, YEAR, trial(3, 120) + sales(3) + customer(13, 2, 1), {T: WON, H: UNREACHED}),
    Story(5, R, YEAR, trial(8) + TEAM + sales(8) + customer(14), {T: WON, H: SILENT_DONE}),
    Story(3, R, YEAR, trial(5, 200) + sales(4) + BLOCKED, {T: WON}),  # 3 days after the ticket
    Story(3, R, YEAR, trial(items=60) + sales(14), {T: WON_LATER}),
    # The end of the year: short stories, then those that are still under way.
    Story(71, A, FRESH, []),
    Story(22, A, AUTUMN, nurture(), {N: DONE}),
    Story(4, A, AUTUMN, nurture(0.5) + demo(0.5, 2), {N: WON}),
    Story(8, A, AUTUMN, download(), {W: DONE}),
    Story(40, F, FRESH, []),
    Story(12, F, FRESH, nurture(), {N: ACTIVE}),
    Story(5, F, FRESH, download(), {W: ACTIVE}),
    Story(5, F, FRESH, trial(), {T: ACTIVE}),
    Story(3, F, FRESH, customer(0), {H: SILENT_ACTIVE}),
)  # fmt: skip


def cast_size(contacts: int) -> list[int]:
    """How many contacts live each story: shares of 1,000, rounded so that they add up."""
    if contacts < 1_000:
        raise ValueError("the stories need at least 1,000 contacts")
    shares = accumulate(story.share for story in STORIES)
    ends = [share * contacts // 1_000 for share in shares]
    return [end - start for start, end in pairwise([0, *ends])]


def figures(contacts: int) -> dict[str, dict[str, int]]:
    """What the report must say of each workflow, by the arithmetic of shares and outcomes."""
    known = {workflow: dict.fromkeys((*FIGURES, *BUCKETS), 0) for workflow in WORKFLOWS}
    for story, size in zip(STORIES, cast_size(contacts), strict=True):
        for workflow, outcome in story.outcomes.items():
            if outcome is OUT:
                continue
            met = outcome.bucket in ("converted", "met_goal_before_email", "met_goal_no_email")
            known[workflow]["enrolled"] += size
            known[workflow][outcome.status] += size
            known[workflow][outcome.bucket] += size
            known[workflow]["recipients"] += size * outcome.recipient
            known[workflow]["met_goal"] += size * met
            known[workflow]["unenrolled_by_goal"] += size * outcome.by_goal
    return known
