"""The pages that a bare wiki needs to show the infoboxes of a batch: templates and one style sheet.

    Template:Infobox film              the template's layout (``convert.infobox.layout``), and a form for editors
    Template:Movie infobox             a redirect, if the batch uses that name
    Template:Infobox                   title, image, and header1, label1, data1, as on any wiki with infoboxes
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
from collections.abc import Iterable, Mapping
from html import unescape
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from convert.infobox import GENERIC, values
from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.kinds import TYPES
from convert.infobox.layout.build import layout_of
from convert.infobox.layout.model import Layout
from convert.infobox.layout.words import Labels, labels_of, readable
from convert.infobox.pages.wikitext import Calls, given
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
    "subheader": {"label": "Subtitle", "type": "string"},
    "image": {"label": "Image", "type": "content"},
    "caption": {"label": "Caption", "type": "string"},
}
_ROW = re.compile("(?:label|data|header)([1-9][0-9]{0,3})")


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
        template = catalogue.find(name) or Template(name)
        layout = _layout(template, new, catalogue, guard)
        labels = labels_of(catalogue, template.name)
        calls = Calls(layout, labels, guard)
        rows.append(calls.count())
        texts[name] = _template(template, layout, calls, labels)
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
    return files("convert.infobox").joinpath("templates", path).read_text(encoding="utf-8").strip()


# ── The pages


def _layout(template: Template, names: Iterable[str], catalogue: Catalogue, guard: Guard) -> Layout:
    # A catalogue's name that needs a guard cannot be a parameter: names in calls are guarded already.
    own = [
        parameter
        for parameter in template.parameters
        if all(guard(name) == name for name in (parameter.name, *parameter.aliases))
    ]
    known = {name for parameter in own for name in (parameter.name, *parameter.aliases)}
    new = (Parameter(name) for name in names if name not in known)
    return layout_of(template, (*own, *new), catalogue)


def _template(template: Template, layout: Layout, calls: Calls, labels: Labels) -> str:
    """Write a template that passes its parameters to the generic one, as title, image and rows."""
    call = "\n".join(calls.lines())
    return f"<includeonly>{call}</includeonly><noinclude>\n{_form(template, layout, labels)}\n</noinclude>"


def _form(template: Template, layout: Layout, labels: Labels) -> str:
    """Write TemplateData, from which editors get a form."""
    half = template.uses / 2
    parameters = {
        parameter.name: {
            "label": labels.label(parameter),
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
    arguments = [
        f"{{{{{{label{number}|}}}}}}|{{{{{{data{number}|}}}}}}|{{{{{{header{number}|}}}}}}"
        for number in range(1, rows + 1)
    ]
    arguments += [
        f"1={guard(readable(unescape(parameter.name)))}|2={given(parameter)}" for parameter in named_parameters
    ]
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
