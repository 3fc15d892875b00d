"""Where the infoboxes of an article are on a page: the calls of their templates, under whichever names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from convert.diagnostics import shown
from convert.profile import WikiProfile
from convert.upload.merging.names import MergeRules, Names
from convert.upload.merging.pairs import MOST_PAIRS, Likeness, paired
from convert.wikitext.scan import Call, calls, page_called


class Hidden(Struct, frozen=True):
    """Why the infobox cannot be merged; follows the page's title and a colon."""

    why: str


class PlacedBox(Struct, frozen=True):
    """An infobox of ours, by its number in the article; ``former`` as we wrote it last, ``start`` on the page or -1."""

    number: int
    ours: Call
    names: Names
    former: Call | None = None
    start: int = -1


class _Family(Struct):
    """The infoboxes of one template: the article's, with their numbers, and those that we wrote last."""

    names: Names
    ours: list[tuple[int, Call]] = []
    former: list[Call] = []


def placed_boxes(
    page: str, ours: Sequence[Call], former: Sequence[Call], profile: WikiProfile, rules: MergeRules
) -> list[PlacedBox] | Hidden:
    """Find the infoboxes of an article on a page."""
    on_page = [(call, page_called(call, profile)) for call in calls(page, tags=profile.extension_tags)]
    placed: list[PlacedBox] = []
    for family in _families(ours, former, profile, rules):
        named = [call for call, title in on_page if family.names.is_called(title)]
        named.sort(key=lambda call: call.start)
        found = _placed(family, named, profile)
        if isinstance(found, Hidden):
            return found
        placed += found
    return sorted(placed, key=lambda box: box.number)


def _families(
    ours: Sequence[Call], former: Sequence[Call], profile: WikiProfile, rules: MergeRules
) -> Iterable[_Family]:
    """Group infoboxes by their templates."""
    families: list[_Family] = []
    for number, call in enumerate(ours, 1):
        title = page_called(call, profile)
        family = next((family for family in families if family.names.is_ours(title)), None)
        if family is None:
            families.append(family := _Family(Names(title, rules, profile)))
        family.ours.append((number, call))
    for call in former:
        title = page_called(call, profile)
        if len(families) == 1 and not families[0].names.is_called(title) and families[0].names.former is None:
            # The article's infobox may have changed its template.
            families[0].names.former = Names(title, rules, profile)
        for family in families:
            if family.names.is_called(title):
                family.former.append(call)
    return families


def _placed(family: _Family, named: Sequence[Call], profile: WikiProfile) -> list[PlacedBox] | Hidden:
    """Pair infoboxes of one template with its calls on a page."""
    new = [call for _, call in family.ours]
    if max(len(new), 1) * max(len(named), len(family.former)) > MOST_PAIRS:
        return Hidden(f"{_called(named or new, profile)} is called too often to tell which one is meant")
    before = _paired([[family.names.likeness(old, call) for old in family.former] for call in new], are_ours=True)
    formers = [None if at is None else family.former[at] for at in before]
    boxes = [
        PlacedBox(number, call, family.names, old) for (number, call), old in zip(family.ours, formers, strict=True)
    ]
    if not named:
        return boxes
    found = _paired([[_likeness(call, box) for call in named] for box in boxes])
    if None in found:
        return Hidden(_ambiguous(boxes, named, found, profile))
    return [
        PlacedBox(box.number, box.ours, box.names, box.former, named[at].start)
        for box, at in zip(boxes, found, strict=True)
        if at is not None
    ]


def _paired(likeness: Sequence[Sequence[Likeness]], are_ours: bool = False) -> list[int | None]:
    if not likeness[0]:
        return [None] * len(likeness)
    return [0] if len(likeness) == len(likeness[0]) == 1 else paired(likeness, are_ours)


def _likeness(call: Call, box: PlacedBox) -> Likeness:
    """Compare a call on the page with what we want there and with what we wrote there."""
    return max(
        (box.names.likeness(call, own) for own in (box.ours, box.former) if own),
        key=lambda likeness: (likeness.same, -likeness.unlike),
    )


def _ambiguous(
    boxes: Sequence[PlacedBox], named: Sequence[Call], found: Sequence[int | None], profile: WikiProfile
) -> str:
    """Say why it cannot be known where infoboxes are."""
    name = _called(named, profile)
    times = f"{len(named)} time{'s' * (len(named) > 1)}"
    if len(boxes) == 1:
        return f"the page calls {name} {times}, and which one is meant cannot be known"
    lost = _listed(str(box.number) for box, at in zip(boxes, found, strict=True) if at is None)
    if len(found) - found.count(None) == len(named):
        return f"the page calls {name} {times}, and the article {len(boxes)} times: put infobox {lost} there by hand"
    return (
        f"the page calls {name} {times}, and the article {len(boxes)} times: which one infobox {lost} of the article "
        "is cannot be known"
    )


def _called(calls: Sequence[Call], profile: WikiProfile) -> str:
    return " or ".join(sorted({shown(page_called(call, profile)) for call in calls}))


def _listed(numbers: Iterable[str]) -> str:
    *first, last = numbers
    return f"{', '.join(first)} and {last}" if first else last
