"""A parameter's values as editors write them: ``10 January 2023`` becomes ``{{Start date|2023|1|10|df=yes}}``.

A formatter returns ``None`` for a value that stays as its author wrote it: its kind has no formatter, or it says more
or less than the strict grammar of its kind allows.  Nothing is guessed and no fact is lost: ``03/04/2023``,
``30 February 2023``, ``c. 1834`` and ``10 January 2023 (aged 5)`` stay.

    list, and several items of any kind    {{plainlist|…}}
    date          10 January 2023          {{Start date|2023|1|10|df=yes}}, as birth, death and end dates their own
    coordinates   55°37′48″N 6°11′24″W     {{coord|55|37|48|N|6|11|24|W|display=inline,title}}
    url           https://example.org/     {{URL|https://example.org/}}
    number        12,345                   12345 if it is a population or has a unit, because templates count with those
    image         File:Harbour.jpg         Harbour.jpg, because templates put the prefix in themselves

Sources: the documentation of these templates on the English Wikipedia, where ``{{Start date}}`` and its kin take
Gregorian dates of the years 1583 to 9999 only, once in a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from convert.expressions import expression
from convert.profile import FILE, WikiProfile
from convert.titles import WikiTitle, page_of

#: The templates that formatters call.
TEMPLATES = (
    "plainlist", "Start date", "End date", "Birth date", "Birth date and age", "Death date", "Death date and age",
    "coord", "URL",
)  # fmt: skip

#: Escapes an author's text for a parameter's value.
Guard = Callable[[str], str]


class ValueOptions(Struct, frozen=True):
    """How values are formatted; ``lists`` is the form for several items."""

    lists: Literal["plainlist", "br"] = "plainlist"
    profile: WikiProfile = field(default_factory=WikiProfile)


class ValueContext(Struct, frozen=True):
    """The context of a value for a formatter: the parameter's name, and the values around it.

    ``alone``: the parameter has no other value.  ``infobox`` has the values of all parameters by name, because a birth
    date is formatted differently if there is a death date.
    """

    name: str
    alone: bool
    infobox: Mapping[str, Sequence[str]]
    guard: Guard
    options: ValueOptions


#: Formats a stripped value by its kind; ``None``: it stays unchanged.
Formatter = Callable[[str, ValueContext], str | None]


def called(template: str, argument: str) -> str:
    """Call a template with one argument, numbered if it contains an equals sign."""
    return f"{{{{{template}|{'1=' if '=' in argument else ''}{argument}}}}}"


# ── Dates

_MONTHS = {
    written: number
    for number, month in enumerate(
        "january february march april may june july august september october november december".split(), 1
    )
    for written in (month, month[:3], f"{month[:3]}.")
} | {"sept": 9, "sept.": 9}

_SOME_MONTH = "(?P<month>[A-Za-z]{3,9}[.]?)"
_YEAR = "(?P<year>[0-9]{4})"
_DATES = tuple(
    expression(form)
    for form in (
        rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})",
        rf"(?P<first>)(?P<day>[0-9]{{1,2}})\s{_SOME_MONTH}\s{_YEAR}",
        rf"{_SOME_MONTH}\s(?P<day>[0-9]{{1,2}}),\s{_YEAR}",
        rf"{_SOME_MONTH}\s{_YEAR}",
        _YEAR,
    )
)
#: The years for which the templates promise a date in ISO 8601.
_YEARS = range(1583, 10000)
# Nobody born earlier is alive, but the template would still compute an age.
_OLDEST_ALIVE = 1900

_NO_LETTER = expression(r"[\W\d_]+")
_BIRTH = expression(r"(?:dateof)?birth(?:date)?|born")
_DEATH = expression(r"(?:dateof)?death(?:date)?|died")
_OF_THE_DEAD = expression(r"(?:(?:date|place|cause)(?:of)?)?death|died|deceased|resting|buri(?:al|ed)")
_END = expression(
    r"\b(?:end(?:s|ed|ing|date)?|finish(?:ed)?|dissol(?:ved|ution)|disbanded|disestablished|defunct|clos(?:ed|ing|ure)"
    r"|abolished|demol(?:ished|ition)|destr(?:oyed|uction)|expired|last (?:aired|air|run|issue|date))\b"
)


class _Date(Struct, frozen=True):
    """A day, a month or a year; unknown parts are missing at the end of ``parts``."""

    parts: tuple[int, ...]
    day_first: bool

    @property
    def whole(self) -> bool:
        return len(self.parts) == 3

    @property
    def arguments(self) -> str:
        return "|".join(map(str, self.parts))

    @property
    def order(self) -> str:
        return "|df=yes" if self.day_first else ""


def format_date(value: str, context: ValueContext) -> str | None:
    """Call the template for a start, an end, a birth or a death."""
    # The templates emit microformats, which allow one date per row.
    date = _read_date(value) if context.alone else None
    if not date:
        return None
    folded = _letters(context.name)
    if _BIRTH.fullmatch(folded):
        return _birth(date, context.infobox)
    if _DEATH.fullmatch(folded):
        return _death(date, context.infobox)
    template = "End date" if _END.search(_NO_LETTER.sub(" ", context.name.lower())) else "Start date"
    return f"{{{{{template}|{date.arguments}{date.order}}}}}"


def _read_date(text: str) -> _Date | None:
    """Parse a date in one of the unambiguous forms; ``None`` if there is no such day."""
    matched = next(filter(None, (form.fullmatch(text) for form in _DATES)), None)
    if not matched:
        return None
    groups = matched.groupdict()
    month = groups.get("month", "")
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    parts = (int(groups["year"]), *([number] if month else []), *([int(groups["day"])] if "day" in groups else []))
    return _Date(parts, "first" in groups) if _exists(*parts) else None


def _exists(year: int, month: int = 1, day: int = 1) -> bool:
    from calendar import monthrange  # most values are no dates

    return year in _YEARS and month in range(1, 13) and day in range(1, monthrange(year, month)[1] + 1)


def _birth(date: _Date, infobox: Mapping[str, Sequence[str]]) -> str | None:
    if not date.whole:
        return None
    dead = any(values and _OF_THE_DEAD.match(_letters(name)) for name, values in infobox.items())
    template = "Birth date" if dead or date.parts[0] < _OLDEST_ALIVE else "Birth date and age"
    return f"{{{{{template}|{date.arguments}{date.order}}}}}"


def _death(date: _Date, infobox: Mapping[str, Sequence[str]]) -> str | None:
    if not date.whole:
        return None
    births = [values for name, values in infobox.items() if values and _BIRTH.fullmatch(_letters(name))]
    birth = _read_date(births[0][0].strip()) if len(births) == 1 and len(births[0]) == 1 else None
    if birth and birth.whole and birth.parts <= date.parts:
        return f"{{{{Death date and age|{date.arguments}|{birth.arguments}{date.order}}}}}"
    return f"{{{{Death date|{date.arguments}{date.order}}}}}"


def _letters(name: str) -> str:
    return _NO_LETTER.sub("", name.lower())


# ── Coordinates

_ANGLE = (
    r"([-−]?[0-9]{1,3}(?:\.[0-9]+)?)\s?°?"
    r"(?:\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?['′’](?:\s?([0-9]{1,2}(?:\.[0-9]+)?)\s?(?:[\"″”]|''|′′|’’))?)?"
)
_WITH_LETTERS = expression(rf"{_ANGLE}\s?([NS])(?:\s*[,;]\s*|\s*){_ANGLE}\s?([EW])")
_DECIMAL = r"([-−]?[0-9]{1,3}\.[0-9]+)°?"
_SIGNED = expression(rf"{_DECIMAL}\s*[,;]\s*{_DECIMAL}")


def format_coordinates(value: str, context: ValueContext) -> str | None:
    """Call the template for coordinates, which are also shown in the page's title if they are the only ones."""
    display = "inline,title" if context.alone else "inline"
    if matched := _SIGNED.fullmatch(value):
        latitude, longitude = (angle.replace("−", "-") for angle in matched.groups())
        parts = [latitude, longitude]
        valid = _angle([latitude.lstrip("-")], 90) and _angle([longitude.lstrip("-")], 180)
    elif matched := _WITH_LETTERS.fullmatch(value):
        north, east = ([part for part in matched.group(*groups) if part] for groups in ((1, 2, 3), (5, 6, 7)))
        parts = [*north, matched[4], *east, matched[8]]
        # The template needs both in the same precision.
        valid = len(north) == len(east) and _angle(north, 90) and _angle(east, 180)
    else:
        return None
    return f"{{{{coord|{'|'.join(parts)}|display={display}}}}}" if valid else None


def _angle(parts: Sequence[str], limit: int) -> bool:
    """Return whether degrees, minutes and seconds are a valid angle: in range, with a fraction in the last one only."""
    if not all(part.isdigit() for part in parts[:-1]) or parts[0].startswith(("-", "−")):
        return False
    degrees, minutes, seconds = map(float, [*parts, "0", "0"][:3])
    return minutes < 60 and seconds < 60 and degrees + minutes / 60 + seconds / 3600 <= limit


# ── The others

_WEB_ADDRESS = expression(
    r"(?:(?i:https?)://[^\s<>\[\]{}|\"'`\\^/]++|(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,})"
    r"(?:[/?#][^\s<>\[\]{}|\"'`\\^]*)?"
)
_ENDS_SENTENCE = (".", ",", ";", ":", "!", "?")


def format_url(value: str, context: ValueContext) -> str | None:
    """Call the template for the address of a website."""
    # An address that needs a guard would be altered.
    if not _WEB_ADDRESS.fullmatch(value) or value.endswith(_ENDS_SENTENCE) or context.guard(value) != value:
        return None
    return called("URL", value)


# A population, or a unit at the end of the name: area_total_km2, elevation_ft.
_QUANTITY = expression(
    r"(?i)population(?:[ _](?:total|urban|metro|rural|estimate|census))?"
    r"|.*[ _](?:[kcm]?m|km2|mi|sq[ _]?mi|ft|ha|acres?|kg|lbs?|km/?h|mph)"
)
_NUMBER = expression("([-−]?)([0-9]{1,3}(?:([,\xa0\u2009\u202f])[0-9]{3})(?:\\3[0-9]{3})*|[0-9]+)((?:\\.[0-9]+)?)")


def is_quantity(name: str) -> bool:
    """Return whether templates compute with a number of this parameter and format it themselves.

    Other numbers are shown unchanged, and may not be quantities at all: a year, a postal code.
    """
    return bool(_QUANTITY.fullmatch(name))


def format_number(value: str, context: ValueContext) -> str | None:
    """Remove the thousands separators from a quantity; the comma is one in English only."""
    matched = _NUMBER.fullmatch(value) if is_quantity(context.name) else None
    if not matched or (matched[3] == "," and not context.options.profile.language.startswith("en")):
        return None
    sign, whole, separator, fraction = matched.groups()
    digits = ("-" if sign else "") + (whole.replace(separator, "") if separator else whole) + fraction
    return digits if digits != value else None


#: The name of a file that a wiki shows, without its namespace.
FILE_NAME = expression(r"[^\[\]{}|<>#/:]+\.(?i:jpe?g|png|gif|svg|webp|tiff?|xcf|djvu|pdf|og[gv]|webm)")


def format_image(value: str, context: ValueContext) -> str | None:
    """Remove the namespace from the name of a file."""
    prefix, colon, name = value.partition(":")
    profile = context.options.profile
    if not colon or profile.namespace_numbers.get(prefix.strip().lower()) != FILE or not FILE_NAME.fullmatch(name):
        return None
    return context.guard(name.strip()) if isinstance(page_of(name, profile, FILE), WikiTitle) else None
