"""What we wrote in infoboxes before, from the edits that a wiki keeps: a base for a merge where our own record is lost.

An edit of ours may stand on what people wrote, so only those parameters are ours that it changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from convert.profile import WikiProfile
from convert.upload.merging.names import MergeRules, Names
from convert.upload.merging.rows import rows_of
from convert.wikitext.scan import Call, calls, page_called, without_comments


def written_values(edits: Iterable[tuple[str, str]], profile: WikiProfile, rules: MergeRules) -> str:
    """Return calls with the values that edits wrote last; each edit is a text before and after, the oldest first."""
    written: dict[str, dict[str, str]] = {}
    spelled: dict[str, str] = {}
    for before, after in edits:
        old = _by_title(before, profile)
        for title, found in _by_title(after, profile).items():
            if len(found) > 1 or len(old.get(title, ())) > 1:
                written.pop(title, None)
                continue
            names = Names(title, rules, profile)
            # A call that the edit renamed has people's values, too.
            former = [call for titles in ([old[title]] if title in old else old.values()) for call in titles]
            values = names.values(rows_of(found[0]))
            was = {name: value for call in former for name, value in names.values(rows_of(call)).items()}
            spelled[title] = without_comments(found[0].parts[0]).strip()
            ours = written.setdefault(title, {})
            ours |= {name: value for name, value in values.items() if was.get(name) != value}
            for name in was.keys() - values.keys():
                ours.pop(name, None)
    return "\n".join(_call(spelled[title], values) for title, values in written.items() if values)


def _by_title(text: str, profile: WikiProfile) -> dict[str, list[Call]]:
    """Return the calls of a text that have named arguments, by the titles of their templates."""
    found: dict[str, list[Call]] = {}
    for call in calls(text, tags=profile.extension_tags):
        if any(at >= 0 for at in call.equals):
            found.setdefault(page_called(call, profile), []).append(call)
    return found


def _call(name: str, values: dict[str, str]) -> str:
    return "{{" + "\n".join([name, *(f"| {parameter} = {value}" for parameter, value in values.items())]) + "\n}}"
