"""A value that says several things, parted: ``3 May 1922, Bowmore (aged 9)`` is a date and a place.

What parts there are, the names of the parameters tell:

    birth_name, birth_date, birth_place     a name, a date, a place, in this order, each of them once or not at all
    first_aired, last_aired                 two ends of a time, between them a dash
    latest_release_version, …_date          something and its date
    area_total_km2, area_total_sq_mi        a measure in two units

What is not certain stays whole, in the first parameter that is for such a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from convert.expressions import expression

#: A parameter's name and the values that it gets.
Part = tuple[str, tuple[str, ...]]

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December|[A-Z][a-z]{2}\.?)"
_YEAR = r"\d{3,4}(?:/\d{1,4})?(?: ?(?:BCE?|AD|CE))?"
_DAY = (
    rf"(?:\d{{1,2}} {_MONTH},? {_YEAR}|{_MONTH} \d{{1,2}}(?:, | ){_YEAR}|{_MONTH},? {_YEAR}|\d{{4}}-\d\d-\d\d|{_YEAR})"
)
_ABOUT = r"(?:(?:c\.|ca\.|circa|about|before|after|baptised|bapt\.|fl\.) ?)?"
_AGE = r"(?: ?\((?:aged?|age)[^()]{0,40}\))?"
_DATE = rf"(?:\(\d{{4}}-\d\d-\d\d\) ?)?{_ABOUT}{_DAY}{_AGE}"
_BETWEEN = r"(?:, ?|; ?| in | at | )"
_WORDS = r"[^\d;]{2,200}?"
_LIFE = expression(rf"(?:(?P<name>{_WORDS}){_BETWEEN})??(?P<date>{_DATE})(?:{_BETWEEN}(?P<place>{_WORDS}))?")
_PLACE_FIRST = expression(rf"(?P<place>{_WORDS})(?:, ?|; ?| on | in )(?P<date>{_DATE})")
_NO_DIGIT = expression(r"\D+")
_ENDS = expression(r"(\S.{0,80}?)(?: [–—-] ?|[–—])(\S.{0,80})")
_DATED = expression(rf"(?P<what>\S.{{0,120}}?)(?: ?[/;,] ?| \()(?P<date>{_DAY})(?:;[^()]{{0,40}})?\)?")
_MEASURES = expression(
    r"(?P<first>[-−]?\d[\d,]*(?:\.\d+)?)[ \xa0]?(?P<unit>[a-zA-Z²]+(?: ?mi|[0-9])?(?:/km2|/km²)?)"
    r"(?: ?\((?P<second>[-−]?\d[\d,]*(?:\.\d+)?)[ \xa0]?(?P<other>[a-zA-Z²]+(?: ?mi|[0-9])?(?:/sq ?mi)?)\))?"
)
#: The units in which parameters measure, by the ends of their names, and how values write them.
_UNITS = {
    "km2": ("km2", "km²", "/km2", "/km²"),
    "sq_mi": ("sq mi", "mi2", "mi²", "/sq mi", "sqmi"),
    "m": ("m", "metres", "meters"),
    "ft": ("ft", "feet"),
    "km": ("km",),
    "mi": ("mi", "miles"),
    "f": ("ft", "feet"),
}


def is_measure(names: Sequence[str], values: Sequence[str]) -> bool:
    """Return whether values begin with a measure in one of the units of parameters."""
    found = _MEASURES.match(values[0].strip()) if values else None
    return found is not None and _home_of(found["unit"], names, [_unit(name) for name in names]) is not None


def measures(names: Sequence[str]) -> bool:
    """Return whether the parameters of these names measure the same thing in several units."""
    return len(names) > 1 and all(map(_unit, names))


def parted(names: Sequence[str], values: Sequence[str]) -> list[Part]:
    """Part the values of a label among the parameters of these names, in their order."""
    units = [_unit(name) for name in names]
    if all(units):
        return _measured(names, units, values)
    roles = [_role(name) for name in names]
    if "end" in roles:
        return _ends(names, values)
    if "what" in roles:
        return _dated(names, values)
    return _life(dict(zip(roles, names, strict=True)), values)


def _role(name: str) -> str:
    name = name.lower().replace(" ", "_")
    if re.search("^last_|^end|_end$|-end$|^fastest", name):
        return "end"
    if re.search("^first_|^start|_start$|-start$|^slowest", name):
        return "start"
    if re.search("place", name):
        return "place"
    if re.search("date|^born$|^died$|year", name):
        return "date"
    return "name" if re.search("birth_?name", name) else "what"


def _unit(name: str) -> str:
    name = name.lower().replace("-", "_")
    return next((unit for unit in sorted(_UNITS, key=len, reverse=True) if name.endswith(f"_{unit}")), "")


def _measured(names: Sequence[str], units: Sequence[str], values: Sequence[str]) -> list[Part]:
    found = _MEASURES.fullmatch(values[0].strip()) if len(values) == 1 else None
    if not found:
        return [(names[0], tuple(values))]
    given = [(found["first"], found["unit"]), *([(found["second"], found["other"])] if found["second"] else [])]
    homes = [_home_of(unit, names, units) for _, unit in given]
    if None in homes or len(set(homes)) < len(homes):
        return [(names[0], tuple(values))]
    return [(str(home), (number.replace(",", ""),)) for home, (number, _) in zip(homes, given, strict=True)]


def _home_of(unit: str, names: Sequence[str], units: Sequence[str]) -> str | None:
    return next((name for name, of in zip(names, units, strict=True) if unit in _UNITS[of]), None)


def _ends(names: Sequence[str], values: Sequence[str]) -> list[Part]:
    found = _ENDS.fullmatch(values[0].strip()) if len(values) == 1 else None
    if not found or len(names) != 2:
        return [(names[0], tuple(values))]
    return [(names[0], (found[1],)), (names[1], (found[2],))]


def _dated(names: Sequence[str], values: Sequence[str]) -> list[Part]:
    found = _DATED.fullmatch(values[0].strip()) if len(values) == 1 else None
    if not found or len(names) != 2:
        return [(names[0], tuple(values))]
    return [(names[0], (found["what"],)), (names[1], (found["date"],))]


def _life(names: dict[str, str], values: Sequence[str]) -> list[Part]:
    """Part what is said of a birth or a death; ``names`` are those of the parameters by what they are for."""
    parts: dict[str, list[str]] = {}
    for value in values:
        for role, part in _roles(value.strip(), names):
            parts.setdefault(role, []).append(part)
    if any(role not in names or len(given) > 1 for role, given in parts.items()):
        whole = "date" if "date" in names and any(map(str.isdigit, "".join(values))) else "place"
        return [(names.get(whole) or next(iter(names.values())), tuple(values))]
    return [(name, tuple(parts[role])) for role, name in names.items() if role in parts]


def _roles(value: str, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the parts of one value with what they are for."""
    found = _LIFE.fullmatch(value)
    if not found or (found["name"] and "name" not in names):
        found = _PLACE_FIRST.fullmatch(value) or found
    if found:
        yield from ((role, part.strip(" ,;")) for role, part in found.groupdict().items() if part)
    else:
        yield ("place" if _NO_DIGIT.fullmatch(value) else "date"), value
