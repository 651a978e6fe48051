from __future__ import annotations

from goalsql.errors import Place
from goalsql.model.criteria import (
    AllOf,
    AnyOf,
    Condition,
    EventLeaf,
    FieldTest,
    Not,
    PropertyLeaf,
    SegmentLeaf,
    Where,
    field_tests,
    leaves,
)

P = PropertyLeaf("p", (Condition("known", ("true",)),))
E = EventLeaf("e")
S = SegmentLeaf("s")
A = FieldTest("a", ())
B = FieldTest("b", ())


def test_leaves_in_order_with_their_sign() -> None:
    criteria = AllOf((P, Not(AnyOf((E, Not(S)))), S))
    assert list(leaves(criteria)) == [(P, False), (E, True), (S, False), (S, False)]


def test_field_tests_in_order() -> None:
    where: Where = AllOf((B, Not(AnyOf((A, B)))))
    assert list(field_tests(where)) == [B, A, B]


def test_places_do_not_make_criteria_differ() -> None:
    assert EventLeaf("e", place=Place("f.yml", 3)) == E
