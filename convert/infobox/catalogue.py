"""The catalogue: which infobox templates there are, what parameters they take, and how often each is used.

    {"format": "plainwiki-catalogue-1",
     "templates": [
       {"name": "Infobox football club", "aliases": ["Football club infobox"], "uses": 14,
        "parameters": [{"name": "clubname", "label": "Club", "uses": 14}, {"name": "founded", "kind": "date"}]}]}

An alias of a template is a page that redirects to it, or one that was merged into it.  An alias of a parameter is
another name that the template takes for the same.  Parameters stand in the order in which calls give them.

A catalogue of one's own extends the shipped one: what it says of a template is added to what is known, and comes before
it; with ``"replaces": true`` it stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pkgutil import get_data
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, structs

from convert.diagnostics import shown
from convert.errors import UsageError
from convert.profile import TEMPLATE, WikiProfile
from convert.titles import BadTitle, folded, page_of

#: What a parameter's values are, so far as that decides how they are written.
Kind = Literal["text", "list", "date", "number", "url", "coordinates", "image"]

#: Where something stands in a catalogue's JSON: names of fields, and places in arrays from 0.
Path = Sequence[str | int]

_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_BYTE = re.compile(r"\(byte (\d+)\)")
_NO_PARAMETER = re.compile(r"[|={}\n]")
_PROFILE = WikiProfile()
_OWN_USES = 10

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Entry(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What every record of a catalogue has: a misspelt field is an error, one that says nothing is not written."""


class Parameter(Entry, frozen=True):
    """A parameter of a template.

    ``uses`` are the calls that were counted and give it a value; ``share`` is its part of the calls on other wikis.
    """

    name: str
    aliases: tuple[str, ...] = ()
    label: str = ""
    kind: Kind = "text"
    uses: Count = 0
    share: Share = 0


class Template(Entry, frozen=True):
    """An infobox template; ``replaces``: nothing that is known of it from elsewhere counts."""

    name: str
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    uses: Count = 0
    replaces: bool = False


class Calibration(Entry, frozen=True):
    """What makes a matcher's score the share of its guesses that are right: weights of a logistic regression."""

    bias: float
    score: float
    unknown: float


class Catalogue(Entry, frozen=True, eq=False, dict=True, tag_field="format", tag="plainwiki-catalogue-1"):
    """Templates by name; ``about`` tells where what is in it comes from."""

    templates: tuple[Template, ...] = ()
    about: str = ""
    calibration: Calibration | None = None

    def find(self, name: str) -> Template | None:
        """Find a template by its name or an alias, as a wiki does; failing that, whatever the case of its letters."""
        key = title_key(name)
        return self._by_title.get(key) or self._by_letters.get(key.casefold())

    @cached_property
    def _by_title(self) -> dict[str, Template]:
        # A name comes before an alias, and the first of two that claim one has it.
        aliases = {title_key(alias): template for template in reversed(self.templates) for alias in template.aliases}
        return aliases | {title_key(template.name): template for template in reversed(self.templates)}

    @cached_property
    def _by_letters(self) -> dict[str, Template]:
        rising = sorted(self._by_title.items(), key=lambda item: item[1].uses)
        return {title.casefold(): template for title, template in rising}


def title_key(name: str) -> str:
    """Fold a template's name as MediaWiki does: white space, underscores, its first letter, and ``Template:``."""
    name = folded(name)
    if name[:9].lower() == "template:":
        name = name[9:].lstrip()
    return name[:1].upper() + name[1:]


@cache
def shipped() -> Catalogue:
    """Read the catalogue that comes with the package: the most used infoboxes of the English Wikipedia."""
    content = get_data(__package__, "catalogue.json")
    assert content is not None
    return msgspec.json.decode(content, type=Catalogue)


# ── Putting two together


def merged(base: Catalogue, own: Catalogue) -> Catalogue:
    """Extend a catalogue by one that comes before it.

    Templates of the same name become one, and so do one and another that has its name for an alias.  A name that both
    give to different templates is that of ``own``'s, because a wiki may have split what another merged.  A template of
    which nothing is known but what somebody wrote down by hand counts as one that is in use.
    """
    claimed = {title_key(name) for template in own.templates for name in (template.name, *template.aliases)}
    heirs = {
        title_key(name): template for template in reversed(own.templates) for name in (*template.aliases, template.name)
    }
    templates: dict[str, Template] = {}
    for template in base.templates:
        known = structs.replace(
            template, aliases=tuple(name for name in template.aliases if title_key(name) not in claimed)
        )
        heir = heirs.get(title_key(template.name))
        if heir is None:
            templates[title_key(template.name)] = known
        elif not heir.replaces:
            key = title_key(heir.name)
            templates[key] = _extended(known, templates.get(key, heir))
    for template in own.templates:
        templates.setdefault(title_key(template.name), template)
        if not templates[title_key(template.name)].uses:
            templates[title_key(template.name)] = _in_use(templates[title_key(template.name)])
    about = " ".join(filter(None, (own.about, base.about)))
    return Catalogue(tuple(templates.values()), about, own.calibration or base.calibration)


def _in_use(template: Template) -> Template:
    parameters = [structs.replace(parameter, uses=_OWN_USES // 2) for parameter in template.parameters]
    return structs.replace(template, uses=_OWN_USES, parameters=tuple(parameters))


def _extended(known: Template, own: Template) -> Template:
    names = dict.fromkeys((*own.aliases, *known.aliases))
    parameters = {parameter.name: parameter for parameter in known.parameters}
    homes = {alias: parameter.name for parameter in known.parameters for alias in (*parameter.aliases, parameter.name)}
    for parameter in own.parameters:
        home = next((homes[name] for name in (parameter.name, *parameter.aliases) if name in homes), None)
        parameters[home or parameter.name] = _better(parameters[home], parameter) if home else parameter
    return Template(own.name, tuple(names), tuple(parameters.values()), own.uses or known.uses)


def _better(known: Parameter, own: Parameter) -> Parameter:
    names = dict.fromkeys((*own.aliases, known.name, *known.aliases))
    names.pop(own.name, None)
    return Parameter(
        own.name,
        tuple(names),
        own.label or known.label,
        known.kind if own.kind == "text" else own.kind,
        own.uses or known.uses,
        own.share or known.share,
    )


# ── Reading and writing


def read_catalogue(text: str, source: str) -> Catalogue:
    """Read a catalogue; for what is amiss it raises UsageError, with the ``source``, the line and the key."""
    text = text.removeprefix("\ufeff")
    try:
        catalogue = msgspec.json.decode(text, type=Catalogue)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        path: Path = [int(number) if number else name for name, number in _STEP.findall(where)]
        raise _amiss(text, source, path, message) from None
    except msgspec.DecodeError as error:
        at = _BYTE.search(str(error))
        line = text.encode()[: int(at[1])].count(b"\n") + 1 if at else text.count("\n") + 1
        raise UsageError(f"{source}:{line}: not JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{source}:1: nested deeper than any catalogue") from None
    for path, problem in _problems(catalogue):
        raise _amiss(text, source, path, problem)
    return catalogue


def write_catalogue(catalogue: Catalogue) -> str:
    """Write a catalogue as JSON, a template a line, so that versions of it can be compared."""
    head = msgspec.json.encode(structs.replace(catalogue, templates=())).decode()
    lines = ",\n".join(msgspec.json.encode(template).decode() for template in catalogue.templates)
    return f'{head[:-1]},"templates":[\n{lines}\n]}}\n'


def _problems(catalogue: Catalogue) -> Iterator[tuple[Path, str]]:
    """Find what no wiki accepts, and names that two things have."""
    owners: dict[str, Template] = {}
    for number, template in enumerate(catalogue.templates):
        here = ("templates", number)
        for path, name in _named(here, template):
            page = page_of(name, _PROFILE, TEMPLATE)
            if isinstance(page, BadTitle):
                yield path, f"no template can be called {shown(name)}: {page.problem}"
            owner = owners.setdefault(title_key(name), template)
            if owner is not template:
                yield path, f"{shown(name)} is a name of {shown(owner.name)} above: leave it out of one of them"
        yield from _parameter_problems(here, template)


def _parameter_problems(here: Path, template: Template) -> Iterator[tuple[Path, str]]:
    owners: dict[str, Parameter] = {}
    for number, parameter in enumerate(template.parameters):
        for path, name in _named((*here, "parameters", number), parameter):
            if not name.strip() or _NO_PARAMETER.search(name):
                yield path, f"no parameter can be called {shown(name)}: leave out '|', '=', braces and line breaks"
            if owners.setdefault(name, parameter) is not parameter:
                yield path, f"{shown(name)} stands twice in {shown(template.name)}: leave one of them out"


def _named(here: Path, entry: Template | Parameter) -> Iterator[tuple[Path, str]]:
    yield (*here, "name"), entry.name
    for number, alias in enumerate(entry.aliases):
        yield (*here, "aliases", number), alias


def _amiss(text: str, source: str, path: Path, problem: str) -> UsageError:
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
    return UsageError(f"{source}:{_line_of(text, path)}: {key + ': ' if key else ''}{problem}")


def _line_of(text: str, path: Path) -> int:
    """Find the line of what stands at a path in a text that is JSON; of what is missing, that of its place."""
    # Loaded here, because only what is amiss needs it.
    from json.decoder import WHITESPACE, JSONDecoder  # type: ignore[attr-defined]

    decoder = JSONDecoder()
    skip = WHITESPACE.match
    at: int = skip(text, 0).end()
    for step in path:
        inside: int = skip(text, at + 1).end()
        number = 0
        while text[inside] not in "]}":
            name: object = number
            if isinstance(step, str):
                name, inside = decoder.raw_decode(text, inside)
                inside = skip(text, skip(text, inside).end() + 1).end()
            if name == step:
                at = inside
                break
            _, inside = decoder.raw_decode(text, inside)
            inside = skip(text, inside).end()
            inside = skip(text, inside + 1).end() if text[inside] == "," else inside
            number += 1
    return text.count("\n", 0, at) + 1
