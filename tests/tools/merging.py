"""Infoboxes merged into the pages of a dump, with MediaWiki's own expansion as the judge.

``python -m tests.tools.merging pages.xml.bz2 --pages 1000``: each page with an infobox gets one value changed and one
parameter added, by an article with all its infoboxes of that template.  Before and after, every template must be given
the same arguments but for these two.  The exit status is 1 if a page has changed otherwise, or if fewer than 95 % were
merged.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct, structs

from convert.infobox.catalogue import shipped
from convert.profile import WikiProfile
from convert.upload.merging.merge import Merged, merge
from convert.upload.merging.names import MergeRules
from convert.upload.merging.places import Hidden
from convert.upload.merging.rows import SPACE, Row, rows_of
from convert.wikitext.dumps import dump_pages
from convert.wikitext.scan import USUAL_TAGS, Call, calls, page_called, without_comments
from tests.servers.wiki import Wiki

#: The share of pages that must be merged.
LEAST_MERGED = 0.95
CHANGED, ADDED, NEW_NAME = "changed by a test", "added by a test", "plain test parameter"
#: What stands for a call, by its number.
_MARK = re.compile(r"⟦(\d+)⟧")
_BOX = re.compile(r"box", re.IGNORECASE)
_QUOTED = re.compile("'[^']*'")
_TOGETHER = 20
_SHOWN = 10


class Expanded(Struct, frozen=True):
    """The templates that a page calls, each with its arguments, and the page without them."""

    calls: list[tuple[str, list[tuple[str, str]]]]
    expanded: str


class Case(NamedTuple):
    """A page before and after a merge, and the arguments that are meant to change."""

    title: str
    before: str
    after: str
    meant: Mapping[str, str]
    kind: str = "merged"


def expanded(wiki: Wiki, pages: Iterable[str]) -> list[Expanded]:
    """Expand pages as MediaWiki does."""
    return [msgspec.json.decode(each.saved, type=Expanded) for each in wiki.render(pages, kind="arguments")]


class Change(NamedTuple):
    """An argument that a template is given otherwise; ``None`` stands for none."""

    call: int
    name: str
    value: str | None


def changes_between(before: Expanded, after: Expanded) -> list[Change] | str:
    """Return which arguments differ between two pages; or what else does."""
    found: list[Change] = []
    left = [(before.expanded, after.expanded)]
    if _MARK.sub("", before.expanded) != _MARK.sub("", after.expanded):
        return "the text round the templates"
    while left:
        for old_number, new_number in zip(*(map(int, _MARK.findall(text)) for text in left.pop()), strict=True):
            (old_title, old_list), (new_title, new_list) = before.calls[old_number - 1], after.calls[new_number - 1]
            if old_title != new_title:
                return f"{old_title} is {new_title}"
            old, new = dict(old_list), dict(new_list)
            for name in {**old, **new}:
                values = old.get(name), new.get(name)
                pieces = [value if value is None else _MARK.split(value)[::2] for value in values]
                if pieces[0] != pieces[1]:
                    found.append(Change(old_number, name, values[1]))
                else:
                    left.append((values[0] or "", values[1] or ""))
    return found


def wrong(before: Expanded, after: Expanded, meant: Mapping[str, str]) -> str:
    """Return what changed otherwise than was meant, in one call; empty if nothing did."""
    changes = changes_between(before, after)
    if isinstance(changes, str):
        return changes
    if len({change.call for change in changes}) > 1:
        return f"several templates: {changes}"
    changed = {change.name: change.value for change in changes}
    return "" if changed == meant else f"{changed} instead of {dict(meant)}"


class Tally:
    """What became of pages."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: dict[str, list[str]] = {}

    def add(self, outcome: str, why: str = "", title: str = "") -> None:
        """Count a page."""
        self.counts[outcome] += 1
        if why:
            self.reasons.setdefault(
                f"{outcome}: {re.sub(chr(39) + '[^' + chr(39) + ']*' + chr(39), '…', why)}", []
            ).append(title)

    @property
    def share(self) -> float:
        """The share of pages with values that were merged."""
        return (self.counts["merged"] + self.counts["merged several"]) / max(
            1, self.counts.total() - self.counts["no values"]
        )


def measured(wiki: Wiki, pages: Iterable[tuple[str, str]], chance: random.Random) -> Tally:
    """Merge into pages, and let the wiki judge."""
    tally = Tally()
    cases: list[Case] = []
    for title, text in pages:
        if (case := _case(title, text, tally, chance)) is not None:
            cases.append(case)
        if len(cases) == _TOGETHER:
            _judge(wiki, cases, tally)
            cases.clear()
    _judge(wiki, cases, tally)
    return tally


def _case(title: str, text: str, tally: Tally, chance: random.Random) -> Case | None:
    """Merge into a page; count what was not merged.

    The article has all infoboxes of the first one's template, each with about half of its values.
    """
    boxes = same_boxes(text)
    usable = [number for number, box in enumerate(boxes) if _filled(box)]
    if not usable:
        tally.add("no values")
        return None
    meant_box = chance.choice(usable)
    target_name = without_comments(chance.choice(_filled(boxes[meant_box])).name or "").strip(SPACE)
    article = ""
    for number, box in enumerate(boxes):
        ours = {
            without_comments(row.name or "").strip(SPACE): row.said for row in _filled(box) if chance.random() < 0.5
        }
        if number == meant_box:
            ours |= {target_name: CHANGED, NEW_NAME: ADDED}
        rows = "\n".join(f"| {name} = {value}" for name, value in ours.items())
        if rows:
            article += f"{{{{{without_comments(box.parts[0]).strip()}\n{rows}\n}}}}\n"
    kind = "merged" if article.count(article.split("\n")[0]) < 2 else "merged several"
    merged = merge("", text, f"{article}Text.", PROFILE, MergeRules(shipped(), prefer={target_name: "ours"}))
    if isinstance(merged, Merged):
        if ADDED not in same_boxes(merged.text)[meant_box].page[slice(*_span(merged.text, meant_box))]:
            tally.add("wrong", "another infobox of the template", title)
            return None
        return Case(title, text, merged.text, {target_name: CHANGED, NEW_NAME: ADDED}, kind)
    if isinstance(merged, Hidden):
        tally.add("refused", merged.why, title)
    else:
        tally.add("conflict", ", ".join(clash.parameter for clash in merged), title)
    return None


def _span(text: str, number: int) -> tuple[int, int]:
    box = same_boxes(text)[number]
    return box.start, box.end


def _filled(box: Call) -> list[Row]:
    return [row for row in rows_of(box) if row.name is not None and row.said and not _odd(row.name or "")]


def _odd(name: str) -> bool:
    """Return whether a name cannot be written in an article."""
    return any(sign in name for sign in "{}<>[]")


PROFILE = structs.replace(WikiProfile(), extension_tags=USUAL_TAGS)


def first_box(text: str) -> Call | None:
    """Return the first call of an infobox."""
    boxes = [call for call in calls(text, tags=USUAL_TAGS) if _BOX.search(call.name) and len(call.parts) > 1]
    return min(boxes, key=lambda call: call.start, default=None)


def same_boxes(text: str) -> list[Call]:
    """Return the calls of the template of the first infobox, in their order."""
    first = first_box(text)
    assert first
    name = page_called(first, PROFILE)
    boxes = [call for call in calls(text, tags=USUAL_TAGS) if page_called(call, PROFILE) == name]
    return sorted(boxes, key=lambda call: call.start)


def _judge(wiki: Wiki, cases: Sequence[Case], tally: Tally) -> None:
    before, after = (expanded(wiki, texts) for texts in ([c.before for c in cases], [c.after for c in cases]))
    for case, old, new in zip(cases, before, after, strict=True):
        why = wrong(old, new, case.meant)
        tally.add("wrong" if why else case.kind, why, case.title)


def pages_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the pages of a dump that have an infobox."""
    problems: list[object] = []
    with path.open("rb") as file:
        for page in dump_pages(file, problems.append):
            if first_box(page.text):
                yield page.title, page.text
    assert not problems, problems


def main() -> int:
    """Measure, and print figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump", type=Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Wiki(Path(folder)) as wiki:
        tally = measured(wiki, islice(pages_of(asked.dump), asked.pages), random.Random(asked.seed))
    print(f"{tally.counts.total():,} pages: " + ", ".join(f"{n:,} {name}" for name, n in tally.counts.most_common()))
    for reason, titles in sorted(tally.reasons.items(), key=lambda item: -len(item[1])):
        print(f"  {len(titles):4} {reason} ({', '.join(titles[:3])})")
    good = not tally.counts["wrong"] and tally.share >= LEAST_MERGED
    print(f"{tally.share:.1%} merged, {tally.counts['wrong']} changed otherwise: {'good' if good else 'NOT GOOD'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
