"""The pages that a bare wiki needs so that the infoboxes of a batch show: templates and one style sheet.

    Template:Infobox film              from the catalogue: every parameter a row with its label, and a form for editors
    Template:Movie infobox             a redirect, if the batch calls the template so
    Template:Infobox                   title, image, and rows of label1 and data1, as on any wiki with infoboxes
    Template:Infobox/row, …            what they are made of
    Template:Start date, …             what ``values`` calls
    MediaWiki:Common.css               how it looks

A template of an infobox calls the generic one, so a wiki that has an ``{{Infobox}}`` of its own need not take ours.
They want nothing but the extension ParserFunctions; with TemplateData, editors get a form.

Sources: https://www.mediawiki.org/wiki/Help:Extension:ParserFunctions,
https://www.mediawiki.org/wiki/Help:TemplateData
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct, structs

from convert.infobox import GENERIC, values
from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.kinds import TYPES
from convert.infobox.values import Guard
from convert.nfc import to_nfc
from convert.profile import TEMPLATE, WikiProfile
from convert.titles import WikiTitle, page_of

STYLE_SHEET = "MediaWiki:Common.css"

#: The generic infobox has so many rows, or as many as a template or an article needs.
MIN_ROWS = 30

_PARTS = ("Infobox/row", "Infobox/image", "Infobox/number")
_VALUES = (*values.TEMPLATES, "coord/link")
_OWN: dict[str, dict[str, object]] = {
    "title": {"label": "Title", "type": "string", "suggested": True},
    "image": {"label": "Image", "type": "content"},
    "caption": {"label": "Caption", "type": "string"},
}
_ROW = re.compile("(?:label|data)([1-9][0-9]{0,3})")


class WikiPage(NamedTuple):
    """A page to be put on a wiki, its text, and what kind of text that is."""

    page: WikiTitle
    text: str
    model: Literal["wikitext", "css"] = "wikitext"


def template_pages(
    used: Mapping[str, Iterable[str]],
    catalogue: Catalogue,
    guard: Guard,
    profile: WikiProfile,
    *,
    typed: bool = False,
) -> list[WikiPage]:
    """Make the pages that a batch needs, in the order of their titles, the style sheet last.

    ``used`` has the templates that the batch calls, each with the parameters that it gives them, named as the calls
    name them; what the catalogue does not know of them is shown as well.  ``typed``: values were formatted.
    """
    if not used:
        return []
    names_by_template: dict[str, dict[str, None]] = {}
    texts: dict[str, str] = {}
    for name, parameters in used.items():
        page, known = _page(name, profile), catalogue.find(name)
        canonical = _page(known.name, profile) if known else page
        names_by_template.setdefault(canonical.name, {}).update(dict.fromkeys(parameters))
        if page != canonical:
            texts[page.name] = f"#REDIRECT [[{canonical.title}]]"
    generic = names_by_template.pop(GENERIC, {})
    rows = [MIN_ROWS, *(int(row[1]) for row in map(_ROW.fullmatch, generic) if row)]
    for name, new in names_by_template.items():
        layout = _layout(catalogue.find(name) or Template(name), new, guard)
        rows.append(len(layout.rows))
        texts[name] = _template(layout, guard)
    named_parameters = [Parameter(name) for name in generic if not _ROW.fullmatch(name) and name not in _OWN]
    texts[GENERIC] = _generic(max(rows), named_parameters, guard)
    texts |= {name: _shipped(f"{name}.wiki") for name in (*_PARTS, *(_VALUES if typed else ()))}
    made = [WikiPage(_page(name, profile), to_nfc(text)) for name, text in texts.items()]
    style = WikiPage(_page(STYLE_SHEET, profile), _shipped("Common.css"), "css")
    return [*sorted(made, key=lambda wiki_page: wiki_page.page.title), style]


def _page(name: str, profile: WikiProfile) -> WikiTitle:
    page = page_of(name, profile, TEMPLATE)
    assert isinstance(page, WikiTitle), page  # the writers call no other
    return page


def _shipped(path: str) -> str:
    return files(__package__).joinpath("templates", path).read_text(encoding="utf-8").strip()


# ── Where the parameters of a template are shown

#: Parameters that name what the infobox is about, best first; the words of a template's name count as well.
_TITLES = ("name", "title", "officialname", "conventionallongname", "playername", "showname", "subjectname")
#: Parameters that are images even where nothing else is known of them.
_IMAGES = frozenset({"image", "img", "cover", "photo", "picture", "logo", "screenshot"})
#: Parameters that size an image, behind its own name: they are left out, since a style sheet does that.
_SIZES = ("size", "width", "upright")


class _Image(Struct, frozen=True):
    """An image's parameter, and those that belong to it: for ``logo`` they are ``logo_alt``, ``logo_size``…"""

    parameter: Parameter
    caption: Parameter | None
    alt: Parameter | None
    sizes: Sequence[Parameter]


class _Layout(Struct, frozen=True):
    """The parameters of a template, and their places: a title, a first image, and rows, some of which show images."""

    template: Template
    parameters: Sequence[Parameter]
    title: Parameter | None
    main: _Image | None
    images: Mapping[str, _Image]
    rows: Sequence[Parameter]


def _layout(template: Template, names: Iterable[str], guard: Guard) -> _Layout:
    # A name that has to be guarded is no parameter's as it stands in the catalogue: those of the calls are guarded.
    own = [
        parameter
        for parameter in template.parameters
        if all(guard(name) == name for name in (parameter.name, *parameter.aliases))
    ]
    known = {name for parameter in own for name in (parameter.name, *parameter.aliases)}
    new = (Parameter(name) for name in names if name not in known)
    parameters = [
        structs.replace(parameter, kind="image") if _is_image(parameter) else parameter for parameter in (*own, *new)
    ]
    by_name = {_folded(parameter.name): parameter for parameter in reversed(parameters)}
    title = _title_of(template.name, by_name)
    candidates = [parameter for parameter in parameters if parameter.kind == "image"]
    first = min(candidates, key=_rank, default=None)
    images = {image.name: _image(image, by_name, image is first) for image in candidates}
    parts = (part for image in images.values() for part in (image.caption, image.alt, *image.sizes))
    placed = {parameter.name for parameter in (title, first, *parts) if parameter}
    rows = [parameter for parameter in parameters if parameter.name not in placed]
    return _Layout(template, parameters, title, images[first.name] if first else None, images, rows)


def _is_image(parameter: Parameter) -> bool:
    return parameter.kind == "image" or (parameter.kind == "text" and _folded(parameter.name) in _IMAGES)


def _rank(image: Parameter) -> tuple[bool, bool]:
    """Order images by what is best shown first; a signature or a map is not."""
    name = _folded(image.name)
    return name != "image", name not in _IMAGES


def _image(image: Parameter, by_name: Mapping[str, Parameter], first: bool) -> _Image:
    """Find what belongs to an image; to the first one also belong ``caption``, ``image_caption``…"""
    own = _folded(image.name)
    stems = (own, "image", "") if first else (own,)
    caption, alt = (
        next((by_name[stem + ending] for stem in stems if stem + ending in by_name), None)
        for ending in ("caption", "alt")
    )
    sizes = [
        by_name[stem + ending] for stem in dict.fromkeys(stems[:2]) for ending in _SIZES if stem + ending in by_name
    ]
    return _Image(image, caption if first else None, alt, sizes)


def _title_of(template: str, by_name: Mapping[str, Parameter]) -> Parameter | None:
    words = [_folded(word) for word in re.split(r"[\W_]+", template)][::-1]
    names = (*_TITLES[:2], *words, *(f"{word}name" for word in words), *_TITLES[2:])
    return next((by_name[name] for name in names if name in by_name), None)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


# ── The pages


def _template(layout: _Layout, guard: Guard) -> str:
    """Write a template that hands its parameters to the generic one, as titles, images and rows."""
    title = _given(layout.title) if layout.title else ""
    lines = [f"| title = {{{{#if:{title}|{title}|{{{{PAGENAME}}}}}}}}" if title else "| title = {{PAGENAME}}"]
    if layout.main:
        lines.append(f"| image = {_shown(layout.main.parameter, layout)}")
        if layout.main.caption:
            lines.append(f"| caption = {_given(layout.main.caption)}")
    for number, row in enumerate(layout.rows, 1):
        label = guard(_label(row))
        lines += [f"| label{number} = {label}"] if label else []
        lines.append(f"| data{number} = {_shown(row, layout)}")
    call = "\n".join([f"{{{{{GENERIC}", *lines, "}}"])
    return f"<includeonly>{call}</includeonly><noinclude>\n{_form(layout)}\n</noinclude>"


def _given(parameter: Parameter) -> str:
    """Write what stands for a parameter's value, by whichever of its names it was given."""
    names = (parameter.name, *parameter.aliases)
    # Without something between, a brace of the name would be taken for one of the call.
    opened = "".join([f"{{{{{{{'<!---->' if name.startswith('{') else ''}{name}|" for name in names])
    return opened + "}}}" * len(names)


def _shown(parameter: Parameter, layout: _Layout) -> str:
    """Write how a parameter's value is shown."""
    value = _given(parameter)
    if parameter.kind == "number" and values.is_quantity(parameter.name):
        return f"{{{{Infobox/number|{value}}}}}"
    if parameter.kind == "image":
        alt = layout.images[parameter.name].alt
        return f"{{{{Infobox/image|{value}{f'|alt={_given(alt)}' if alt else ''}}}}}"
    return value


def _label(parameter: Parameter) -> str:
    """Name a parameter for readers; one that has but a number has no name."""
    words = " ".join(unescape(parameter.name).replace("_", " ").split())
    return parameter.label or ("" if words.isdigit() else words[:1].upper() + words[1:])


def _form(layout: _Layout) -> str:
    """Describe a template's parameters so that editors get a form."""
    half = layout.template.uses / 2
    parameters = {
        parameter.name: {
            "label": _label(parameter) or parameter.name,
            "type": TYPES[parameter.kind],
            **({"aliases": parameter.aliases} if parameter.aliases else {}),
            **({"suggested": True} if half and parameter.uses >= half else {}),
        }
        for parameter in layout.parameters
    }
    return _template_data("An infobox: what is to be known of its subject at a glance.", parameters)


def _template_data(about: str, parameters: Mapping[str, Mapping[str, object]]) -> str:
    lines = ",\n".join(f"\t\t{_json(name)}: {_json(description)}" for name, description in parameters.items())
    order = _json(list(parameters))
    return (
        f'<templatedata>\n{{\n\t"description": {_json(about)},\n\t"format": "block",\n'
        f'\t"params": {{\n{lines}\n\t}},\n\t"paramOrder": {order}\n}}\n</templatedata>'
    )


# What the wiki would take for markup before it reads the JSON.
_ALIVE = re.compile(r"[<>&]|(?<=\{)\{|(?<=\[)\[|(?<=~)~|(?<=_)_")


def _json(value: object) -> str:
    return _ALIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", msgspec.json.encode(value).decode())


def _generic(rows: int, named_parameters: Iterable[Parameter], guard: Guard) -> str:
    """Write the generic infobox; the comments keep the lines between its rows from becoming paragraphs."""
    arguments = [f"{{{{{{label{number}|}}}}}}|{{{{{{data{number}|}}}}}}" for number in range(1, rows + 1)]
    arguments += [f"1={guard(_label(parameter))}|2={_given(parameter)}" for parameter in named_parameters]
    calls = "".join(f"-->{{{{Infobox/row|{argument}}}}}<!--\n" for argument in arguments)
    text = _shipped("Infobox.wiki").replace("-->{{Infobox/rows}}<!--\n", calls)
    # Further rows need no description to be filled.
    parameters = _OWN | {
        f"{name}{number}": {"label": f"{label} {number}", "type": "string"}
        for number in range(1, MIN_ROWS + 1)
        for name, label in (("label", "Label"), ("data", "Value"))
    }
    form = _template_data("An infobox: a title, an image, and rows of a label and a value.", parameters)
    return f"{text}<noinclude>\n{form}\n</noinclude>"
