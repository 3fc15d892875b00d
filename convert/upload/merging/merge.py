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
from convert.upload.merging.call import CallMerge, Clash, Hidden
from convert.upload.merging.layouts import laid_out_as
from convert.upload.merging.names import MergeRules, Names
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
    if isinstance(old, Hidden):
        old = {}
    if not new:
        return Hidden("the article has no infobox to put there")
    if len(new) == len(old) == 1:
        # The article's infobox may have changed its template.
        old = {title: former for title in new for former in old.values()}
    merged, clashes, missing = theirs, [], []
    for title, call in new.items():
        former = old.get(title)
        names = Names(title, rules, profile)
        if former:
            names.former = Names(page_called(former, profile), rules, profile)
        found = _found(merged, names, (call, former), profile)
        if found is None:
            missing.append(call)
            continue
        done = found if isinstance(found, Hidden) else CallMerge(found, former, call, names, rules, profile).text()
        if isinstance(done, Hidden):
            return done
        if isinstance(done, str):
            assert isinstance(found, Call)
            merged = merged[: found.start] + done + merged[found.end :]
        else:
            clashes += done
    if missing:
        put = _inserted(merged, missing, profile, rules)
        if isinstance(put, Hidden):
            return put
        merged = put
    return tuple(clashes) or Merged(merged)


def infoboxes(page: str, profile: WikiProfile) -> dict[str, Call] | Hidden:
    """Return the infoboxes of a page that we write, by template title.

    They are the calls before any text; if the names of some contain ``box``, only these.
    """
    first = [candidate for candidate in _leading(page, profile) if any(at >= 0 for at in candidate.equals)]
    boxes = [candidate for candidate in first if _BOX in candidate.name.lower()] or first
    by_title = {page_called(box, profile): box for box in boxes}
    if len(by_title) < len(boxes):
        return Hidden("the article has several infoboxes of one template: only whole pages can be replaced")
    if boxes and not agreed(page[: boxes[-1].end], boxes):
        return Hidden("the article's own infobox cannot be read safely")
    return by_title


def _leading(page: str, profile: WikiProfile) -> list[Call]:
    return leading(page, profile.extension_tags)


def _found(page: str, names: Names, ours: Sequence[Call | None], profile: WikiProfile) -> Call | Hidden | None:
    """Find the one call of a template on a page; of several, the one that is most like ours."""
    named = [call for call in calls(page, tags=profile.extension_tags) if names.is_called(page_called(call, profile))]
    if not named:
        return None
    template_names = " or ".join(sorted({shown(page_called(call, profile)) for call in named}))
    if len(named) > 1:
        likeness = [max(names.likeness(call, own) for own in ours if own) for call in named]
        best = max(likeness)
        second = sorted(likeness)[-2]
        if best == second or not (best[0] or (best[1] > 1 and not second[1])):
            return Hidden(f"the page calls {template_names} {len(named)} times, and which one is meant cannot be known")
        named = [named[likeness.index(best)]]
    call = named[0]
    if call.heading:
        return Hidden(f"the call of {template_names} has a line that begins with '=': a wiki may end a value there")
    if not agreed(page, [call]):
        why = "two parsers part it differently, as where a tag, a table or a link in it is not closed"
        return Hidden(f"the call of {template_names} cannot be read safely: {why}")
    return call


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
