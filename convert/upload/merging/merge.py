"""Three-way merge of an infobox into a page that people edit.

``base`` is the page that we wrote last, ``theirs`` the page now, ``ours`` the page that we would write.  A parameter
that only one side changed is taken from that side; one that both changed differently is a clash, and then nothing is
merged.  Everything outside the call stays byte for byte, and inside it only values are replaced: the layout and the
spelling of names are the page's own, and new parameters follow them.

Values are copied from ``ours``, where they are escaped already.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from convert.diagnostics import shown
from convert.profile import WikiProfile
from convert.upload.merging.call import CallMerge, Clash
from convert.upload.merging.layouts import laid_out_as
from convert.upload.merging.names import MergeRules
from convert.upload.merging.places import Hidden, PlacedBox, placed_boxes
from convert.upload.merging.rows import rows_of
from convert.wikitext.mwparser import agreed
from convert.wikitext.scan import Call, calls, leading, page_called, without_comments

# How names of infoboxes are known: Infobox, Taxobox, Geobox.
_BOX = "box"


class Merged(Struct, frozen=True):
    """The page with the new infobox; ``text`` is the unchanged page if there is nothing to change."""

    text: str


def merge(
    base: str, theirs: str, ours: str, profile: WikiProfile, rules: MergeRules = MergeRules()
) -> Merged | Hidden | tuple[Clash, ...]:
    """Merge the infoboxes of ``ours`` into ``theirs``; ``base`` is empty if we never wrote the page.

    Without a base, differing parameters are clashes, unless they are empty on the page or ``rules`` say who wins.
    """
    new, old = infoboxes(ours, profile), infoboxes(base, profile)
    if isinstance(new, Hidden):
        return new
    if not new:
        return Hidden("the article has no infobox to put there")
    placed = placed_boxes(theirs, new, [] if isinstance(old, Hidden) else old, profile, rules)
    if isinstance(placed, Hidden):
        return placed
    merged = theirs
    clashes: list[Clash] = []
    # From the end, so that what stands before stays where it is: also a call round another one.
    for box in sorted((box for box in placed if box.start >= 0), key=lambda box: -box.start):
        done = _put(merged, box, f"infobox {box.number}" if len(new) > 1 else "", profile, rules)
        if isinstance(done, Hidden):
            return done
        if isinstance(done, str):
            merged = done
        else:
            clashes[:0] = done
    missing = [box.ours for box in placed if box.start < 0]
    if missing:
        put = _inserted(merged, missing, profile, rules)
        if isinstance(put, Hidden):
            return put
        merged = put
    return tuple(clashes) or Merged(merged)


def infoboxes(page: str, profile: WikiProfile) -> list[Call] | Hidden:
    """Return the infoboxes of a page that we write.

    They are the calls before any text; if the names of some contain ``box``, only these.
    """
    first = [candidate for candidate in _leading(page, profile) if any(at >= 0 for at in candidate.equals)]
    boxes = [candidate for candidate in first if _BOX in candidate.name.lower()] or first
    if boxes and not agreed(page[: boxes[-1].end], boxes):
        return Hidden("the article's own infobox cannot be read safely")
    return boxes


def _leading(page: str, profile: WikiProfile) -> list[Call]:
    return leading(page, profile.extension_tags)


def _put(page: str, box: PlacedBox, label: str, profile: WikiProfile, rules: MergeRules) -> str | Hidden | list[Clash]:
    """Merge one infobox into the call where it is on the page, if that can be read safely."""
    call = next((call for call in calls(page, tags=profile.extension_tags) if call.start == box.start), None)
    assert call, "what is put behind a call does not close it"
    name = shown(page_called(call, profile))
    if call.heading:
        return Hidden(f"the call of {name} has a line that begins with '=': a wiki may end a value there")
    if not agreed(page, [call]):
        why = "two parsers part it differently, as where a tag, a table or a link in it is not closed"
        return Hidden(f"the call of {name} cannot be read safely: {why}")
    done = CallMerge(call, box, rules, profile, label).text()
    return page[: call.start] + done + page[call.end :] if isinstance(done, str) else done


def _inserted(page: str, boxes: Sequence[Call], profile: WikiProfile, rules: MergeRules) -> str | Hidden:
    """Put infoboxes above the lead of a page that has none, below the templates on its top."""
    titles = " and ".join(shown(page_called(box, profile)) for box in boxes)
    first = _leading(page, profile)
    others = [call for call in first if _BOX in call.name.lower()]
    others += [call for call in calls(page, tags=profile.extension_tags) if "infobox" in call.name.lower()]
    if others:
        return Hidden(f"the page does not call {titles}, but {shown(page_called(others[0], profile))}")
    if not rules.insert:
        return Hidden(f"the page does not call {titles}, nor another infobox: --insert puts it there")
    end = first[-1].end if first else 0
    rest = page[end:].lstrip("\n")
    while rest.startswith(":"):  # a note in words that leads elsewhere
        end = len(page) - len(rest) + len(rest.partition("\n")[0])
        rest = page[end:].lstrip("\n")
    if without_comments(page[:end]).rstrip() and agreed(page, first) is False:
        return Hidden("what stands above its lead cannot be read safely, so that nothing can be put below it")
    above = page[:end] + "\n" * bool(end)
    return above + "".join(_laid_out(box, profile, rules) + "\n" for box in boxes) + rest


def _laid_out(box: Call, profile: WikiProfile, rules: MergeRules) -> str:
    """Write an infobox of ours in the layout of its template's description, if it has one."""
    title = page_called(box, profile)
    format = rules.formats.get(rules.redirects.get(title, title), "")
    if not format:
        return box.page[box.start : box.end]
    head, rows = laid_out_as(format, box.parts[0], rows_of(box))
    return "{{" + "|".join([head, *map(str, rows)]) + "}}"
