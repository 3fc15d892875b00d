"""Which articles are left to decide: kept up to date, it is what a look at all of them would say."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from convert.preview.edits.undecided import Undecided
from convert.preview.rows import Box, BoxFacts, Facts, Row

Article = tuple[Row, Facts]
KEYS = ("a", "b", "c")

boxes = st.lists(st.tuples(st.booleans(), st.sampled_from((0.2, 0.5, 0.8)), st.sets(st.sampled_from(KEYS))), max_size=2)


@st.composite
def pieces(draw: st.DrawFn, at: int) -> list[Article]:
    """Draw the articles of a piece."""
    found = []
    for number, drawn in enumerate(draw(st.lists(boxes, max_size=2))):
        id = f"{at}-{number}"
        facts = tuple(BoxFacts(tuple(sorted(keys)), None, False, False, doubtful) for doubtful, _, keys in drawn)
        of_row = tuple(Box(None, probability, doubtful) for doubtful, probability, _ in drawn)
        found.append((Row(id, id, id, boxes=of_row), Facts(id, id, (), facts)))
    return found


@given(st.data())
def test_it_is_what_a_look_at_all_articles_would_say(data: st.DataObject) -> None:
    undecided = Undecided()
    count = data.draw(st.integers(1, 4))
    state: list[list[Article]] = [[] for _ in range(count)]
    doubts: dict[str, float] = {}
    for at in [*range(count), *data.draw(st.lists(st.integers(0, count - 1), max_size=4))]:
        found = data.draw(pieces(at))
        undecided.replace(at, _facts(state[at]), found)
        state[at] = found
        for row, _ in found:
            doubts |= {row.id: min(box.probability for box in row.boxes if box.doubtful)} if _doubtful(row) else {}
        if data.draw(st.booleans()):
            undecided.set_all(map(_facts, state))
        listed = [(row.id, at) for at, rows in enumerate(state) for row, _ in rows if _doubtful(row)]
        places = sorted((doubts[id], at, id) for id, at in listed)
        assert len(undecided) == len(places)
        for number, id in [(-1, ""), *((at, f"{at}-{number}") for at in range(count) for number in range(2))]:
            others = [place for place in places if place[2] != id]
            behind = [place for place in others if place > (doubts.get(id, -1.0), number, id)]
            assert undecided.after(number, id) == next((place[2] for place in behind or others), "")
        signatures = [set(box.keys) for rows in state for _, each in rows for box in each.boxes if box.doubtful]
        assert [undecided.alike(keys) for keys in ("", "a", "abc")] == [
            sum(signature == set(keys) for signature in signatures) for keys in ("", "a", "abc")
        ]


def _facts(found: Sequence[Article]) -> list[Facts]:
    return [facts for _, facts in found]


def _doubtful(row: Row) -> bool:
    return any(box.doubtful for box in row.boxes)
