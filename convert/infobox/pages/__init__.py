"""The pages that a bare wiki needs to show the infoboxes of a batch: templates and one style sheet.

    Template:Infobox film              the template's layout (``convert.infobox.layout``), and a form for editors
    Template:Movie infobox             a redirect, if the batch uses that name
    Template:Infobox                   title, image, and header1, label1, data1, as on any wiki with infoboxes
    Template:Infobox/row, …            subtemplates of these
    Template:Start date, …             templates that ``values`` calls
    Property:Director, …               the types of properties of Semantic MediaWiki, if values are stored there
    MediaWiki:Common.css               the style sheet

    wikitext     a template as a call of the generic one
    portable     a template as XML of the extension PortableInfobox
    stores       declarations for Cargo and Semantic MediaWiki
    form         TemplateData

Infobox templates call the generic one, so a wiki with an ``{{Infobox}}`` of its own does not need ours.  They depend
only on the extension ParserFunctions; with TemplateData, editors get a form.

Source: https://www.mediawiki.org/wiki/Help:Extension:ParserFunctions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from importlib.resources import files
from typing import Literal, NamedTuple

from msgspec import Struct

from convert.expressions import expression
from convert.infobox import GENERIC, values
from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.layout.build import layout_of
from convert.infobox.layout.model import Layout
from convert.infobox.layout.presentation import is_presentation
from convert.infobox.layout.words import Labels, labels_of, readable
from convert.infobox.pages.form import form_of, template_data
from convert.infobox.pages.portable import can_show, portable
from convert.infobox.pages.portable import generic as portable_generic
from convert.infobox.pages.stores import Store, cargo, fields_of, property_page, semantic
from convert.infobox.pages.wikitext import Calls, given
from convert.infobox.values import Guard
from convert.nfc import to_nfc
from convert.profile import TEMPLATE, WikiProfile
from convert.titles import WikiTitle, page_of

#: What infobox templates are written in.
Dialect = Literal["wikitext", "portable"]

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
_ROW = expression("(?:label|data|header)([1-9][0-9]{0,3})")


class WikiPage(NamedTuple):
    """A page for a wiki: its title, its text and its content model."""

    page: WikiTitle
    text: str
    model: Literal["wikitext", "css"] = "wikitext"


class PageOptions(Struct, frozen=True):
    """Which pages are made.

    ``typed``: values are formatted by kind.  ``dialect="portable"``: infoboxes are those of the extension
    PortableInfobox.  ``stores``: values are stored in tables of Cargo, or in properties of Semantic MediaWiki.
    """

    typed: bool = False
    dialect: Dialect = "wikitext"
    stores: tuple[Store, ...] = ()


def template_pages(
    used: Mapping[str, Iterable[str]],
    catalogue: Catalogue,
    guard: Guard,
    profile: WikiProfile,
    options: PageOptions = PageOptions(),
) -> list[WikiPage]:
    """Make the pages that a batch needs, in the order of their titles, the style sheet last.

    ``used`` has the parameters that the batch uses, by template, with the names in the calls; parameters unknown to the
    catalogue are shown as well.
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
    generic = names_by_template.pop(GENERIC, None)
    rows = [MIN_ROWS, *(int(row[1]) for row in map(_ROW.fullmatch, generic or ()) if row)]
    types: dict[str, str] = {}
    for name, new in names_by_template.items():
        template = catalogue.find(name) or Template(name)
        shown = filter(can_show, new) if options.dialect == "portable" else new
        layout = _layout(template, shown, catalogue, guard)
        labels = labels_of(catalogue, template.name)
        calls = Calls(layout, labels, guard)
        rows.append(calls.count())
        stored = _stored(template, layout, labels, options.stores, types)
        box = portable(layout, calls) if options.dialect == "portable" else "\n".join(calls.lines())
        texts[name] = _template(box, stored, form_of(template, layout, labels), options.dialect)
    texts |= _shared(rows, generic, guard, options)
    made = [WikiPage(_page(name, profile), to_nfc(text)) for name, text in texts.items()]
    made.sort(key=lambda wiki_page: wiki_page.page.title)
    made += [WikiPage(_property(name, profile), property_page(kind)) for name, kind in sorted(types.items())]
    if options.dialect == "wikitext":
        made.append(WikiPage(_page(STYLE_SHEET, profile), _shipped("Common.css"), "css"))
    return made


def lost(used: Mapping[str, Iterable[str]], options: PageOptions) -> list[tuple[str, str]]:
    """Return the parameters that the pages cannot show, each with its template."""
    if options.dialect != "portable":
        return []
    return [(template, name) for template, names in used.items() for name in names if not can_show(name)]


def _shared(
    rows: Sequence[int], generic: Mapping[str, None] | None, guard: Guard, options: PageOptions
) -> dict[str, str]:
    """Make the templates that the others call, and the generic one."""
    names: Sequence[str] = (*_VALUES,) if options.typed else ()
    if options.dialect == "portable":
        own = {} if generic is None else {GENERIC: f"{portable_generic(max(rows))}<noinclude>\n{_form()}\n</noinclude>"}
        names = ("Infobox/image", "Infobox/number", *names)
    else:
        given_names = [name for name in generic or () if not _ROW.fullmatch(name) and name not in _OWN]
        shown = [Parameter(name) for name in given_names if not is_presentation(name, known=False)]
        own = {GENERIC: _generic(max(rows), shown, guard)}
        names = (*_PARTS, *names)
    return own | {name: _shipped(f"{name}.wiki") for name in names}


def _stored(
    template: Template, layout: Layout, labels: Labels, stores: Iterable[Store], types: dict[str, str]
) -> Stored:
    """Write what stores the values of a template; ``types`` gets the types of properties."""
    declared, calls = "", ""
    fields = fields_of(layout)
    if "cargo" in stores:
        declared, call = cargo(template.name, fields)
        calls += call
    if "smw" in stores:
        call, own = semantic(fields, labels)
        calls += call
        for name, kind in own.items():  # what two templates store as different kinds is a text
            types[name] = kind if types.get(name, kind) == kind else "Text"
    return Stored(declared, calls)


class Stored(NamedTuple):
    """What stores values: the declaration on the template, and the calls on its pages."""

    declared: str
    calls: str


def _property(name: str, profile: WikiProfile) -> WikiTitle:
    page = page_of(f"Property:{name}", profile)
    assert isinstance(page, WikiTitle), page  # names of properties are letters, digits and spaces
    return page


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


def _template(box: str, stored: Stored, form: str, dialect: Dialect) -> str:
    """Write a template: a box, what stores its values, and below it the form for editors."""
    about = "\n".join(filter(None, (form, stored.declared)))
    if dialect == "portable":  # the extension reads a box on its own page, too
        calls = f"<includeonly>{stored.calls}</includeonly>" if stored.calls else ""
        return f"{box}{calls}<noinclude>\n{about}\n</noinclude>"
    return f"<includeonly>{box}{stored.calls}</includeonly><noinclude>\n{about}\n</noinclude>"


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
    return f"{text}<noinclude>\n{_form()}\n</noinclude>"


def _form() -> str:
    """Describe the generic infobox; rows beyond these can be filled without a description."""
    parameters = _OWN | {
        f"{name}{number}": {"label": f"{label} {number}", "type": "string"}
        for number in range(1, MIN_ROWS + 1)
        for name, label in (("label", "Label"), ("data", "Value"))
    }
    return template_data("An infobox: a title, an image, and rows of a label and a value.", parameters)
