"""The pages that a bare wiki needs to show the infoboxes of a batch: templates and one style sheet.

    Template:Infobox film              from the catalogue: a row with a label per parameter, and a form for editors
    Template:Movie infobox             a redirect, if the batch uses that name
    Template:Infobox                   title, image, and rows of label1 and data1, as on any wiki with infoboxes
    Template:Infobox/row, …            subtemplates of these
    Template:Start date, …             templates that ``values`` calls
    MediaWiki:Common.css               the style sheet

Infobox templates call the generic one, so a wiki with an ``{{Infobox}}`` of its own does not need ours.  They depend
only on the extension ParserFunctions; with TemplateData, editors get a form.

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

#: The least number of rows of the generic infobox; more if a template or an article needs them.
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
    """A page for a wiki: its title, its text and its content model."""

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

    ``used`` has the parameters that the batch uses, by template, with the names in the calls; parameters unknown to the
    catalogue are shown as well.  ``typed``: values are formatted by kind.
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
    assert isinstance(page, WikiTitle), page  # the writers use no other name
    return page


def _shipped(path: str) -> str:
    return files(__package__).joinpath("templates", path).read_text(encoding="utf-8").strip()


# ── Layout: where parameters are shown

#: Parameters that name the subject, best first; the words of a template's name count as well.
_TITLES = ("name", "title", "officialname", "conventionallongname", "playername", "showname", "subjectname")
#: Parameters that are images even without a known kind.
_IMAGES = frozenset({"image", "img", "cover", "photo", "picture", "logo", "screenshot"})
#: Suffixes of parameters with the size of an image: left out, because the style sheet decides that.
_SIZES = ("size", "width", "upright")


class _Image(Struct, frozen=True):
    """An image's parameter and those that belong to it, such as ``logo_alt`` and ``logo_size`` for ``logo``."""

    parameter: Parameter
    caption: Parameter | None
    alt: Parameter | None
    sizes: Sequence[Parameter]


class _Layout(Struct, frozen=True):
    """The layout of a template's parameters: a title, a main image, and rows, some of them with images."""

    template: Template
    parameters: Sequence[Parameter]
    title: Parameter | None
    main: _Image | None
    images: Mapping[str, _Image]
    rows: Sequence[Parameter]


def _layout(template: Template, names: Iterable[str], guard: Guard) -> _Layout:
    # A catalogue's name that needs a guard cannot be a parameter: names in calls are guarded already.
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
    """Rank an image as the main one; signatures and maps come last."""
    name = _folded(image.name)
    return name != "image", name not in _IMAGES


def _image(image: Parameter, by_name: Mapping[str, Parameter], first: bool) -> _Image:
    """Return an image with its parameters; ``caption``, ``image_caption``… belong to the first one."""
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
    """Write a template that passes its parameters to the generic one, as title, image and rows."""
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
    """Write the expression for a parameter's value, under any of its names."""
    names = (parameter.name, *parameter.aliases)
    # The comment separates a brace in the name from the braces of the call.
    opened = "".join([f"{{{{{{{'<!---->' if name.startswith('{') else ''}{name}|" for name in names])
    return opened + "}}}" * len(names)


def _shown(parameter: Parameter, layout: _Layout) -> str:
    """Write the wikitext that shows a parameter's value."""
    value = _given(parameter)
    if parameter.kind == "number" and values.is_quantity(parameter.name):
        return f"{{{{Infobox/number|{value}}}}}"
    if parameter.kind == "image":
        alt = layout.images[parameter.name].alt
        return f"{{{{Infobox/image|{value}{f'|alt={_given(alt)}' if alt else ''}}}}}"
    return value


def _label(parameter: Parameter) -> str:
    """Return a parameter's label for readers; empty for a number alone."""
    words = " ".join(unescape(parameter.name).replace("_", " ").split())
    return parameter.label or ("" if words.isdigit() else words[:1].upper() + words[1:])


def _form(layout: _Layout) -> str:
    """Write TemplateData, from which editors get a form."""
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


# Characters that the wiki would parse as markup before it reads the JSON.
_ALIVE = re.compile(r"[<>&]|(?<=\{)\{|(?<=\[)\[|(?<=~)~|(?<=_)_")


def _json(value: object) -> str:
    return _ALIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", msgspec.json.encode(value).decode())


def _generic(rows: int, named_parameters: Iterable[Parameter], guard: Guard) -> str:
    """Write the generic infobox; the comments keep the line breaks between its rows from becoming paragraphs."""
    arguments = [f"{{{{{{label{number}|}}}}}}|{{{{{{data{number}|}}}}}}" for number in range(1, rows + 1)]
    arguments += [f"1={guard(_label(parameter))}|2={_given(parameter)}" for parameter in named_parameters]
    calls = "".join(f"-->{{{{Infobox/row|{argument}}}}}<!--\n" for argument in arguments)
    text = _shipped("Infobox.wiki").replace("-->{{Infobox/rows}}<!--\n", calls)
    # The other rows can be filled without a description.
    parameters = _OWN | {
        f"{name}{number}": {"label": f"{label} {number}", "type": "string"}
        for number in range(1, MIN_ROWS + 1)
        for name, label in (("label", "Label"), ("data", "Value"))
    }
    form = _template_data("An infobox: a title, an image, and rows of a label and a value.", parameters)
    return f"{text}<noinclude>\n{form}\n</noinclude>"
