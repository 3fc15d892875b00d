"""The catalogue: infobox templates, their parameters, and how often each is used.

    {"format": "plainwiki-catalogue-1",
     "templates": [
       {"name": "Infobox football club", "aliases": ["Football club infobox"], "uses": 14,
        "parameters": [{"name": "clubname", "label": "Club", "uses": 14}, {"name": "founded", "kind": "date"}]}]}

An alias of a template is a redirect to it, or a template that was merged into it.  An alias of a parameter is another
name that the template accepts for it.  Parameters are in the order in which calls use them.

A user's catalogue extends the shipped one: its entry for a template is merged with the shipped entry and takes
precedence; with ``"replaces": true`` it replaces the shipped entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pkgutil import get_data
from typing import Annotated, Literal, overload

import msgspec
from msgspec import Meta, Struct, structs

from convert.diagnostics import shown
from convert.errors import UsageError
from convert.expressions import expression
from convert.infobox.prepared import Late, computed_of, keep, prepared, prepared_table, stored_in
from convert.profile import TEMPLATE, WikiProfile
from convert.titles import BadTitle, folded, page_of

#: The kind of a parameter's values, which decides how they are formatted.
Kind = Literal["text", "list", "date", "number", "url", "coordinates", "image"]

#: A path in a catalogue's JSON: names of fields, and indexes of arrays from 0.
Path = Sequence[str | int]

_STEP = expression(r"\.(\w+)|\[(\d+)\]")
_BYTE = expression(r"\(byte (\d+)\)")
_NO_PARAMETER = expression(r"[|={}\n]")
_PROFILE = WikiProfile()
_OWN_USES = 10

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Entry(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of all records of a catalogue: unknown fields are errors, and default values are not written."""


class Parameter(Entry, frozen=True):
    """A parameter of a template.

    ``uses`` counts the calls that give it a value; ``share`` is the share of such calls on other wikis.
    """

    name: str
    aliases: tuple[str, ...] = ()
    label: str = ""
    kind: Kind = "text"
    uses: Count = 0
    share: Share = 0


class Template(Entry, frozen=True):
    """An infobox template; ``replaces``: entries of other catalogues for it are ignored.

    ``labels``: the labels on the rendered page, with their parameters (``convert.infobox.labels``).  ``nouns``: what
    its articles say that their subjects are, and how often (``convert.infobox.guess.nouns``).
    ``broader``: the template of the broader kind, which would be right as well.
    """

    name: str
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    uses: Count = 0
    replaces: bool = False
    labels: Mapping[str, str] = {}
    nouns: Mapping[str, Count] = {}
    broader: str = ""


class Calibration(Entry, frozen=True):
    """Weights of the logistic regression that maps a matcher's score to a probability."""

    bias: float
    score: float
    #: For the share of keys that only other templates take, of those that none takes, and for having but few keys.
    unknown: float
    unheard: float | None = None
    few: float = 0.0
    #: For what the article says that its subject is.
    noun: float = 0.0


class Quality(Entry, frozen=True):
    """How good guesses are: of ``calls`` that were held out when the others were learnt, the share guessed right."""

    calls: Count
    right: Share


class Catalogue(Entry, frozen=True, eq=False, dict=True, tag_field="format", tag="plainwiki-catalogue-1"):
    """Templates by name; ``about`` tells where the data come from; ``labels`` hold for all templates."""

    templates: Sequence[Template] = ()
    about: str = ""
    calibration: Calibration | None = None
    labels: Mapping[str, str] = {}
    quality: Quality | None = None

    def find(self, name: str) -> Template | None:
        """Find a template by its name or an alias, with the wiki's rules; as a fallback case-insensitively."""
        key = title_key(name)
        place = titles(self).get(key)
        if place is None:
            place = titles_by_letters(self).get(key.casefold())
        return None if place is None else self.templates[place]

    def has(self, name: str) -> bool:
        """Return whether a template has exactly this name or alias, without its namespace."""
        return title_key(name) in titles(self) and ":" not in name


@prepared_table("titles", int)
def titles(catalogue: Catalogue) -> Mapping[str, int]:
    """Return the places of templates by their names and aliases, folded as MediaWiki does."""
    # Names take precedence over aliases, and the first of several templates with one alias gets it.
    rising = list(reversed(list(enumerate(catalogue.templates))))
    aliases = {title_key(alias): place for place, template in rising for alias in template.aliases}
    return aliases | {title_key(template.name): place for place, template in rising}


@prepared_table("titles-by-letters", int)
def titles_by_letters(catalogue: Catalogue) -> Mapping[str, int]:
    """Return the same by the letters alone, whatever their case; the most used template comes first."""
    rising = sorted(titles(catalogue).items(), key=lambda item: catalogue.templates[item[1]].uses)
    return {title.casefold(): place for title, place in rising}


def title_key(name: str) -> str:
    """Fold a template's name as MediaWiki does: white space, underscores, its first letter, and ``Template:``."""
    name = folded(name)
    if name[:9].lower() == "template:":
        name = name[9:].lstrip()
    return name[:1].upper() + name[1:]


class _Other(Entry, frozen=True):
    """What a stored catalogue says beside its templates."""

    about: str
    calibration: Calibration | None
    quality: Quality | None


@cache
def shipped() -> Catalogue:
    """Read the shipped catalogue: the most used infoboxes of the English Wikipedia.

    It is ``catalogue.json`` as ``stored`` writes it, so that a run reads but what it needs.
    """
    content = get_data(__package__, "catalogue.msgpack")
    assert content is not None
    parts = stored_in(content)
    other = msgspec.msgpack.decode(parts.other, type=_Other)
    labels = Late(parts.values["labels-as-written"], str)
    catalogue = Catalogue(_Templates(parts.templates), other.about, other.calibration, labels, other.quality)
    keep(catalogue, parts)
    return catalogue


def stored(catalogue: Catalogue) -> bytes:
    """Return a catalogue as ``shipped`` reads it, with all that is prepared of it."""
    encode = msgspec.msgpack.encode
    other = _Other(catalogue.about, catalogue.calibration, catalogue.quality)
    templates = [encode(template) for template in catalogue.templates]
    return encode({"templates": templates, "other": encode(other), **computed_of(catalogue)})


@prepared("labels-as-written", dict[str, str])
def _labels(catalogue: Catalogue) -> dict[str, str]:
    return dict(catalogue.labels)


class _Templates(Sequence[Template]):
    """The templates of the shipped catalogue, each decoded when it is asked for."""

    def __init__(self, stored: Sequence[memoryview]) -> None:
        self._stored = stored
        self._decoded: dict[int, Template] = {}
        self._decoder = msgspec.msgpack.Decoder(Template)

    def __len__(self) -> int:
        return len(self._stored)

    @overload
    def __getitem__(self, place: int, /) -> Template: ...

    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Template]: ...

    def __getitem__(self, place: int | slice, /) -> Template | Sequence[Template]:
        if isinstance(place, slice):
            return [self[number] for number in range(len(self))[place]]
        template = self._decoded.get(place)
        if template is None:
            template = self._decoded[place] = self._decoder.decode(self._stored[place])
        return template

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, _Templates) else other)

    __hash__ = None  # type: ignore[assignment]


# ── Merging two


def merged(base: Catalogue, own: Catalogue) -> Catalogue:
    """Extend a catalogue by ``own``, which takes precedence.

    Templates with the same name are merged, also if the name of one is an alias of the other.  A name that both
    catalogues give to different templates belongs to ``own``'s, because a wiki may have split what another merged.  A
    hand-written template without counts is treated as one in use.
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
    # The labels of one's own come first, also in their order.
    labels = dict(own.labels) | {label: known for label, known in base.labels.items() if label not in own.labels}
    calibration = own.calibration or base.calibration
    return Catalogue(tuple(templates.values()), about, calibration, labels, own.quality or base.quality)


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
    labels = {**known.labels, **own.labels}
    nouns = own.nouns or known.nouns
    uses = own.uses or known.uses
    broader = own.broader or known.broader
    return Template(
        own.name, tuple(names), tuple(parameters.values()), uses, labels=labels, nouns=nouns, broader=broader
    )


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
    """Parse a catalogue; for errors it raises UsageError with the ``source``, the line and the key."""
    text = text.removeprefix("\ufeff")
    try:
        catalogue = msgspec.json.decode(text, type=Catalogue)
        catalogue = structs.replace(catalogue, templates=tuple(catalogue.templates))
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
    """Serialize a catalogue as JSON, one template or label per line, so that versions can be compared with diff."""
    head = msgspec.json.encode(structs.replace(catalogue, templates=(), labels={})).decode()
    lines = ",\n".join(msgspec.json.encode(template).decode() for template in catalogue.templates)
    pairs = ((msgspec.json.encode(text).decode() for text in pair) for pair in catalogue.labels.items())
    labels = ",\n".join(":".join(pair) for pair in pairs)
    labels = f',"labels":{{\n{labels}\n}}' if labels else ""
    return f'{head[:-1]}{labels},"templates":[\n{lines}\n]}}\n'


def _problems(catalogue: Catalogue) -> Iterator[tuple[Path, str]]:
    """Yield names that no wiki accepts, and duplicate names."""
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
    """Return the line of the value at a path in a JSON text; for a missing value, that of its parent."""
    # Imported here, because only errors need it.
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
