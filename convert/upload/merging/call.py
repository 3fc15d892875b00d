"""One call of a template merged with ours: the values that changed, in the layout of the page.

The merged call is parsed again and must hold the expected values: what cannot be parsed safely is refused, not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import Struct

from convert.diagnostics import shown
from convert.profile import WikiProfile
from convert.upload.merging.layouts import laid_out_as
from convert.upload.merging.names import MergeRules, prefer_of
from convert.upload.merging.places import Hidden, PlacedBox
from convert.upload.merging.rows import SPACE, Row, comments_in, padded, rows_of, space_in
from convert.wikitext.mwparser import agreed
from convert.wikitext.scan import Call, calls, page_called, without_comments

#: Limit of changed parameters times rows; real infoboxes need some thousands.
MOST_STEPS = 200_000


class Clash(Struct, frozen=True):
    """A parameter that both people and we changed; ``None`` stands for a missing parameter.

    ``asked``: a person is to say whose value it gets.
    """

    parameter: str
    base: str | None
    theirs: str | None
    ours: str | None
    asked: bool = False
    #: Which infobox of the article it is in, if that has several.
    box: str = ""


class CallMerge:
    """The merge of one call."""

    def __init__(self, theirs: Call, box: PlacedBox, rules: MergeRules, profile: WikiProfile, label: str) -> None:
        self.theirs, self.base, self.ours, self.profile = theirs, box.former, box.ours, profile
        self.names, self.rules, self.label = box.names, rules, label
        self.head = theirs.parts[0]
        self.rows = rows_of(theirs)
        self.own = rows_of(box.ours)

    def text(self) -> str | Hidden | list[Clash]:
        """Return the merged call."""
        page, new = self.names.values(self.rows), self.names.values(self.own)
        old = self.names.values(rows_of(self.base)) if self.base else {}
        merged_values, clashes = self._decided(old, page, new)
        if clashes:
            return clashes
        changed = [name for name in {**new, **page} if page.get(name) != merged_values.get(name)]
        if why := self._unsafe(changed) or self._renamed():
            return Hidden(why)
        laid_out = "" if any(row.name is not None for row in self.rows) else self._format
        for name in changed:
            self._set(name, merged_values.get(name))
        if laid_out and changed:
            self.head, self.rows = laid_out_as(laid_out, self.head, self.rows)
        written = "{{" + "|".join([self.head, *map(str, self.rows)]) + "}}"
        return (
            written if self._says(written, merged_values) else Hidden("the merged infobox would not read as it should")
        )

    def _decided(
        self, base: Mapping[str, str], theirs: Mapping[str, str], ours: Mapping[str, str]
    ) -> tuple[dict[str, str], list[Clash]]:
        """Return the merged value of every parameter, and the clashes."""
        merged_values: dict[str, str] = {}
        clashes = []
        for name in {**theirs, **ours, **base}:
            before, now, new = base.get(name), theirs.get(name), ours.get(name)
            prefer = prefer_of(self.rules, self.names, name, self.base is not None, self.label)
            if now == new or new == before or (prefer == "theirs" and (now or self.base)):
                value = now
            elif now == before or (before is None and not now) or prefer == "ours":
                value = new
            else:
                clashes.append(Clash(self._spelled(name), before, now, new, prefer == "ask", self.label))
                continue
            if value is not None:
                merged_values[name] = value
        return merged_values, clashes

    @property
    def _format(self) -> str:
        """The format of the template's description, if it has one."""
        return next((self.rules.formats[title] for title in sorted(self.names.titles & self.rules.formats.keys())), "")

    def _spelled(self, name: str) -> str:
        """Return the name of a parameter as the page has it, else as we write it."""
        for rows in (self.rows, self.own):
            for key, spelled, _ in self.names.keyed(rows):
                if key == name:
                    return spelled
        return name

    def _unsafe(self, changed: Sequence[str]) -> str:
        """Return why parameters must not be changed; empty if they may be."""
        wanted = frozenset(changed)
        for rows in (self.rows, self.own):
            named = [row for row in self.names.keyed(rows) if row[0] in wanted]
            for key, count in Counter(key for key, _, _ in named).items():
                spelled = [name for name, row in self.names.said(named, key)]
                if count > 1 and len(spelled) > 1:
                    others = " and ".join(map(shown, dict.fromkeys(spelled)))
                    return f"the parameter {others} is given {len(spelled)} times"
            for _, name, row in named:
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
        if titles[2] not in titles[:2] and (titles[0] == titles[1] or not self.names.is_ours(titles[1])):
            before, name, after = padded(self.head)
            if without_comments(name) != name:
                return "a comment stands in the template's name"
            self.head = before + self.ours.parts[0].strip() + after
        return ""

    def _at(self, name: str) -> int:
        """Return the index of the row that holds a parameter on the page; -1 if none does."""
        return self.names.places(self.rows).get(name, -1)

    def _set(self, name: str, value: str | None) -> None:
        """Set a parameter's value; ``None`` removes it."""
        at = self._at(name)
        if value is None:
            self._remove(at)
        elif at < 0:
            self._add(name, value)
        else:
            row = self.rows[at]
            fresh = value and not row.value and not row.before
            # Comments are people's: they stay.
            after = comments_in(row.value) + row.after
            after = f" {after}" if value and after.startswith("<!--") else after
            self.rows[at] = replace(row, value=value, before=self._before() if fresh else row.before, after=after)

    def _remove(self, at: int) -> None:
        """Remove a row, but keep the white space before the closing braces."""
        removed = self.rows.pop(at)
        if at and at == len(self.rows) and removed.name is not None and self.rows[-1].name is not None:
            self.rows[-1] = replace(self.rows[-1], after=removed.after)

    def _add(self, name: str, value: str) -> None:
        """Insert a row after the one that it follows in ours, in the layout of its neighbours."""
        spelled = self._spelled(name)
        named = [row for row in self.rows if row.name is not None]
        if not named:
            return self._begin(spelled, value)
        at = self._place(name)
        beside = self.rows[at - 1] if at and self.rows[at - 1].name is not None else named[0]
        added = replace(
            beside,
            name=spelled,
            value=value,
            lead=without_comments(beside.lead),
            pad=self._pad(spelled, beside),
            before=self._before(),
            after=space_in(beside.after),
        )
        if at == len(self.rows) and at and self.rows[-1].name is not None:
            # Keep the white space before the closing braces, and use that of the other rows before the pipe.
            between = Counter(space_in(row.after) for row in named[:-1]).most_common(1)
            if between and ("\n" in between[0][0]) != ("\n" in beside.after):
                self.rows[-1] = replace(beside, after=beside.after.rstrip(SPACE) + between[0][0])
        elif at and self.rows[at - 1].name is None:
            added = replace(added, after=Counter(space_in(row.after) for row in named).most_common(1)[0][0])
        self.rows.insert(at, added)
        return None

    def _begin(self, name: str, value: str) -> None:
        """Write the first named row of a call, on a line of its own."""
        line_ended = (str(self.rows[-1]) if self.rows else self.head).endswith("\n")
        if not line_ended and self.rows:
            # White space at the end of a positional argument would be part of its value.
            self.rows.append(Row(name, value, " ", " ", " ", ""))
            return
        if not line_ended:
            self.head += "\n"
        self.rows.append(Row(name, value, " ", " ", " " if value else "", "\n"))

    def _place(self, name: str) -> int:
        """Find where a row of ours belongs: after the nearest preceding row that the page has, else at the front."""
        order = [key for key, _, _ in self.names.keyed(self.own)]
        places = self.names.places(self.rows)
        before = next((places[key] + 1 for key in reversed(order[: order.index(name)]) if key in places), 0)
        return before or min((places[key] for key in order if key in places), default=len(self.rows))

    def _pad(self, name: str, beside: Row) -> str:
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
        seen = [call for call in calls(written, tags=self.profile.extension_tags) if call.outermost]
        if [(call.start, call.end) for call in seen] != [(0, len(written))] or not agreed(written, seen):
            return False
        return self.names.values(rows_of(seen[0])) == expected and page_called(seen[0], self.profile) in (
            page_called(self.theirs, self.profile),
            page_called(self.ours, self.profile),
        )
