"""Three-way merge of an infobox into a page that people edit.

``base`` is the page that we wrote last, ``theirs`` the page now, ``ours`` the page that we would write.  A parameter
that only one side changed is taken from that side; one that both changed differently is a clash, and then nothing is
merged.  Everything outside the call stays byte for byte, and inside it only values are replaced: the layout is the
page's own, and new parameters follow it.

Values are copied from ``ours``, where they are escaped already.  The merged call is parsed again and must hold the
expected values: what cannot be parsed safely is refused, not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import Struct

from convert.diagnostics import shown
from convert.profile import WikiProfile
from convert.wikitext.mwparser import agreed
from convert.wikitext.scan import Call, calls, leading, page_called, without_comments


class Merged(Struct, frozen=True):
    """The page with the new infobox; ``text`` is the unchanged page if there is nothing to change."""

    text: str


class Clash(Struct, frozen=True):
    """A parameter that both people and we changed; ``None`` stands for a missing parameter."""

    parameter: str
    base: str | None
    theirs: str | None
    ours: str | None


class Hidden(Struct, frozen=True):
    """Why the infobox cannot be merged; follows the page's title and a colon."""

    why: str


def merge(base: str, theirs: str, ours: str, profile: WikiProfile) -> Merged | Hidden | tuple[Clash, ...]:
    """Merge the infoboxes of ``ours`` into ``theirs``; ``base`` is empty if we never wrote the page.

    Without a base, differing parameters are clashes, unless they are empty on the page.
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
    merged, clashes = theirs, []
    for title, call in new.items():
        former = old.get(title)
        old_call = _found(merged, {title, page_called(former, profile)} if former else {title}, profile)
        if isinstance(old_call, Hidden):
            return old_call
        done = _Merge(old_call, former, call, profile).text()
        if isinstance(done, Hidden):
            return done
        if isinstance(done, str):
            merged = merged[: old_call.start] + done + merged[old_call.end :]
        else:
            clashes += done
    return tuple(clashes) or Merged(merged)


def infoboxes(page: str, profile: WikiProfile) -> dict[str, Call] | Hidden:
    """Return the infoboxes of a page that we write, by template title.

    They are the calls before any text; if the names of some contain ``box``, only these.
    """
    first = [candidate for candidate in leading(page) if any(at >= 0 for at in candidate.equals)]
    boxes = [candidate for candidate in first if "box" in candidate.name.lower()] or first
    by_title = {page_called(box, profile): box for box in boxes}
    if len(by_title) < len(boxes):
        return Hidden("the article has several infoboxes of one template: only whole pages can be replaced")
    if boxes and not agreed(page[: boxes[-1].end], boxes):
        return Hidden("the article's own infobox cannot be read safely")
    return by_title


def _found(page: str, titles: set[str], profile: WikiProfile) -> Call | Hidden:
    """Find the one call of a template on a page."""
    named = [candidate for candidate in calls(page) if page_called(candidate, profile) in titles]
    template_names = " or ".join(sorted(shown(title) for title in titles))
    if not named:
        return Hidden(f"the page does not call {template_names}")
    if len(named) > 1:
        return Hidden(f"the page calls {template_names} {len(named)} times, and which one is meant cannot be known")
    if not named[0].outermost:
        return Hidden(f"the call of {template_names} stands inside something else")
    if not agreed(page, named):
        return Hidden(
            f"the call of {template_names} cannot be read safely: look for what is opened and not closed around it"
        )
    return named[0]


# ── A call in rows

#: Limit of changed parameters times rows; real infoboxes need some thousands.
MOST_STEPS = 200_000


@dataclass(frozen=True)
class _Row:
    """One argument between two pipes: its name, its value, and the white space around them.

    ``lead``, ``name`` and ``pad`` stand before the equals sign; they are ``None`` or empty for a positional argument.
    """

    name: str | None
    value: str
    lead: str = ""
    pad: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        name = "" if self.name is None else f"{self.lead}{self.name}{self.pad}="
        return f"{name}{self.before}{self.value}{self.after}"

    @property
    def width(self) -> int:
        """The width of the name with the space around it."""
        return len(self.lead) + len(self.name or "") + len(self.pad)


def _row(part: str, equals: int) -> _Row:
    if equals < 0:
        return _Row(None, part)
    lead, name, pad = _padded(part[:equals])
    before, value, after = _padded(part[equals + 1 :])
    if not value:
        # Space behind the equals sign belongs to it, and the end of the line to the next.
        after = before.lstrip(" \t")
        before = before[: len(before) - len(after)]
    return _Row(name, value, lead, pad, before, after)


def _padded(text: str) -> tuple[str, str, str]:
    content = text.strip()
    start = len(text) - len(text.lstrip())
    return text[:start], content, text[start + len(content) :]


def _rows(call: Call) -> list[_Row]:
    return [_row(part, equals) for part, equals in zip(call.parts[1:], call.equals[1:], strict=True)]


def _keyed(rows: Iterable[_Row]) -> list[tuple[str, _Row]]:
    """Pair rows with the names of their parameters; positional ones are numbered."""
    unnamed, keyed = 0, []
    for row in rows:
        if row.name is None:
            unnamed += 1
        keyed.append((str(unnamed) if row.name is None else without_comments(row.name).strip(), row))
    return keyed


def _values(rows: Iterable[_Row]) -> dict[str, str]:
    # MediaWiki takes the last of two arguments with one name.
    return {name: row.value for name, row in _keyed(rows)}


# ── Merging


class _Merge:
    """The merge of one call."""

    def __init__(self, theirs: Call, base: Call | None, ours: Call, profile: WikiProfile) -> None:
        self.theirs, self.base, self.ours, self.profile = theirs, base, ours, profile
        self.head = theirs.parts[0]
        self.rows = _rows(theirs)
        self.own = _rows(ours)

    def text(self) -> str | Hidden | list[Clash]:
        """Return the merged call."""
        page, new = _values(self.rows), _values(self.own)
        old = _values(_rows(self.base)) if self.base else {}
        merged_values, clashes = _decided(old, page, new)
        if clashes:
            return clashes
        changed = [name for name in {**new, **page} if page.get(name) != merged_values.get(name)]
        if why := self._unsafe(changed) or self._renamed():
            return Hidden(why)
        for name in changed:
            self._set(name, merged_values.get(name))
        written = "{{" + "|".join([self.head, *map(str, self.rows)]) + "}}"
        return (
            written if self._says(written, merged_values) else Hidden("the merged infobox would not read as it should")
        )

    def _unsafe(self, changed: Sequence[str]) -> str:
        """Return why parameters must not be changed; empty if they may be."""
        names = frozenset(changed)
        for rows in (self.rows, self.own):
            keyed = [(name, row) for name, row in _keyed(rows) if name in names]
            for name, count in Counter(name for name, _ in keyed).items():
                if count > 1:
                    return f"the parameter {shown(name)} is given {count} times"
            for name, row in keyed:
                if row.name is None:
                    return f"the parameter {name} is given without its name"
        if len(changed) * (len(self.rows) + len(self.own)) > MOST_STEPS:
            return f"{len(changed):,} parameters differ, more than are merged: only whole pages can be replaced"
        return ""

    def _renamed(self) -> str:
        """Change the template if we changed it and nobody else did; return a problem, if any."""
        titles = [
            page_called(candidate, self.profile) for candidate in (self.base or self.ours, self.theirs, self.ours)
        ]
        if titles[2] not in titles[:2]:
            before, name, after = _padded(self.head)
            if without_comments(name) != name:
                return "a comment stands in the template's name"
            self.head = before + self.ours.parts[0].strip() + after
        return ""

    def _set(self, name: str, value: str | None) -> None:
        """Set a parameter's value; ``None`` removes it."""
        at = next((at for at, (key, _) in enumerate(_keyed(self.rows)) if key == name), -1)
        if value is None:
            self._remove(at)
        elif at < 0:
            self._add(name, value)
        else:
            row = self.rows[at]
            fresh = value and not row.value and not row.before
            self.rows[at] = replace(row, value=value, before=self._before() if fresh else row.before)

    def _remove(self, at: int) -> None:
        """Remove a row, but keep the white space before the closing braces."""
        removed = self.rows.pop(at)
        if at and at == len(self.rows) and removed.name is not None and self.rows[-1].name is not None:
            self.rows[-1] = replace(self.rows[-1], after=removed.after)

    def _add(self, name: str, value: str) -> None:
        """Insert a row after the one that it follows in ours, in the layout of its neighbours."""
        named = [row for row in self.rows if row.name is not None]
        if not named:
            return self._begin(name, value)
        at = self._place(name)
        beside = self.rows[at - 1] if at and self.rows[at - 1].name is not None else named[0]
        added = replace(beside, name=name, value=value, pad=self._pad(name, beside), before=self._before())
        if at == len(self.rows) and at and self.rows[-1].name is not None:
            # Keep the white space before the closing braces, and use that of the other rows before the pipe.
            between = Counter(row.after for row in named[:-1]).most_common(1)
            if between and ("\n" in between[0][0]) != ("\n" in beside.after):
                self.rows[-1] = replace(beside, after=between[0][0])
        elif at and self.rows[at - 1].name is None:
            added = replace(added, after=Counter(row.after for row in named).most_common(1)[0][0])
        self.rows.insert(at, added)
        return None

    def _begin(self, name: str, value: str) -> None:
        """Write the first named row of a call, on a line of its own."""
        line_ended = (str(self.rows[-1]) if self.rows else self.head).endswith("\n")
        if not line_ended and self.rows:
            # White space at the end of a positional argument would be part of its value.
            self.rows.append(_Row(name, value, " ", " ", " ", ""))
            return
        if not line_ended:
            self.head += "\n"
        self.rows.append(_Row(name, value, " ", " ", " " if value else "", "\n"))

    def _place(self, name: str) -> int:
        """Find where a row of ours belongs: after the nearest preceding row that the page has, else at the front."""
        order = [key for key, _ in _keyed(self.own)]
        places = {key: at for at, (key, _) in enumerate(_keyed(self.rows))}
        before = next((places[key] + 1 for key in reversed(order[: order.index(name)]) if key in places), 0)
        return before or min((places[key] for key in order if key in places), default=len(self.rows))

    def _pad(self, name: str, beside: _Row) -> str:
        """Return the space after a name: up to the equals signs of the other rows, if those are aligned."""
        named = [row for row in self.rows if row.name]
        width, count = Counter(row.width for row in named).most_common(1)[0]
        lengths = {len(row.name or "") for row in named if row.width == width}
        if (len(lengths) > 1 or beside.pad[1:]) and count * 2 > len(named):
            return " " * max(width - len(beside.lead) - len(name), 1 if beside.pad else 0)
        return min((row.pad for row in named), key=len)

    def _before(self) -> str:
        """Return the space that most rows have between the equals sign and the value."""
        usual = Counter(row.before for row in self.rows if row.name and row.value).most_common(1)
        return usual[0][0] if usual else " "

    def _says(self, written: str, expected: Mapping[str, str]) -> bool:
        """Return whether the merged call, parsed again, holds the expected values."""
        seen = [candidate for candidate in calls(written) if candidate.outermost]
        if [(candidate.start, candidate.end) for candidate in seen] != [(0, len(written))] or not agreed(written, seen):
            return False
        return _values(_rows(seen[0])) == expected and page_called(seen[0], self.profile) in (
            page_called(self.theirs, self.profile),
            page_called(self.ours, self.profile),
        )


def _decided(
    base: Mapping[str, str], theirs: Mapping[str, str], ours: Mapping[str, str]
) -> tuple[dict[str, str], list[Clash]]:
    """Return the merged value of every parameter, and the clashes."""
    merged_values: dict[str, str] = {}
    clashes = []
    for name in {**theirs, **ours, **base}:
        before, now, new = base.get(name), theirs.get(name), ours.get(name)
        if now == new or new == before:
            value = now
        elif now == before or (before is None and not now):
            value = new
        else:
            clashes.append(Clash(name, before, now, new))
            continue
        if value is not None:
            merged_values[name] = value
    return merged_values, clashes
