"""HTML pages of the preview, rendered from documents and rows with the templates beside this module."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from functools import cache
from math import exp
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from convert.infobox import GENERIC
from convert.preview import views
from convert.preview.desk import ArticleContext
from convert.preview.documents import Document
from convert.preview.edits.decision_view import DecisionView
from convert.preview.edits.glance import Glance
from convert.preview.link_list import LinkList
from convert.writers.html import HtmlOptions, body

#: The views by name, with the labels of their buttons.
VIEWS = {"page": "Page", "wikitext": "Wikitext", "source": "Source", "data": "Data"}
LINK_VIEWS = {"links": "Links"}
WIKI_VIEWS = {"wiki": "On the wiki", "difference": "Difference"}

#: The keys that show or hide a view.
VIEW_KEYS = {"page": "a", "wikitext": "w", "source": "s", "data": "t", "links": "l", "wiki": "o", "difference": "c"}

#: The states of pages for an upload, as the list has them too.
STATES = {
    "create": "new", "update": "differs", "keep": "same", "untouched": "differs, kept", "conflict": "conflict",
    "refuse": "refused",
}  # fmt: skip

_SEVERITIES = {1: "note", 2: "warning", 3: "error"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("convert.preview"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    environment.filters["percent"] = percent
    environment.filters["times"] = times
    environment.filters["counted"] = counted
    environment.globals.update(
        SEVERITIES=_SEVERITIES, STATES=STATES, GENERIC=GENERIC, MAX_LINES=views.MAX_LINES,
        MAX_CHARACTERS=views.MAX_CHARACTERS,
    )  # fmt: skip
    return environment


def percent(probability: float) -> str:
    """Format a probability, never as 100 %."""
    return f"{min(int(probability * 100), 99)} %"


def counted(number: int, name: str, plural: str = "") -> str:
    """Format a number with the noun that it counts."""
    return f"{number:,} {name if number == 1 else plural or name + 's'}"


def times(logarithm: float) -> str:
    """Format a log-likelihood ratio as a factor: how many times likelier a key is in a template than elsewhere."""
    factor = exp(min(logarithm, 20.0))
    return f"{factor:,.0f}" if factor >= 10 else f"{factor:.1f}"


def _render(name: str, **context: Any) -> str:
    return _environment().get_template(name).render(**context)


def index(site: Mapping[str, Any], rows: bytes = b"") -> str:
    """Make the page with the list; ``rows`` is the JSON of an embedded list, for static pages."""
    # Escape anything in the script element that looks like its end tag.
    return _render("index.html", site=site, rows=Markup(rows.decode().replace("<", "\\u003c")))


def article(
    document: Document, site: Mapping[str, Any], context: ArticleContext, options: HtmlOptions,
    embedded: bool = False, links: LinkList | None = None,
) -> str:  # fmt: skip
    """Make the page of an article; ``embedded``: with all views, not only the first, and the list of its ``links``."""
    views = {**VIEWS, **site["link_views"], **site["wiki_views"]}
    shown = [name for name in VIEWS if embedded or name == "page"]
    contents = {name: view(name, document, options) for name in shown}
    if embedded and links:
        contents["links"] = link_view(links, site)
    return _render(
        "article.html", site=site, document=document,
        decisions=[DecisionView(decision, context.desk, document) for decision in document.decisions],
        contents=contents, views=views, context=context, keys=VIEW_KEYS,
        address=os.path.abspath(document.piece.path),
    )  # fmt: skip


def view(name: str, document: Document, options: HtmlOptions) -> Markup:
    """Make one view of a document."""
    article = document.linked
    match name:
        case "page":
            return Markup(
                _render("page.html", document=document, body=Markup(body(article, options)) if article else "")
            )
        case "wikitext":
            return Markup(_render("wikitext.html", document=document, text=views.wikitext(document.wikitext)))
        case "source":
            return Markup(_render("source.html", document=document, lines=views.source(document)))
        case _:
            return Markup(_render("data.html", document=document, tree=views.data(article) if article else ""))


def template_view(glance: Glance | None) -> str:
    """Make what is shown of a template at a glance."""
    return _render("glance.html", glance=glance)


def link_view(links: LinkList, site: Mapping[str, Any]) -> Markup:
    """Make the view of what is linked in an article, and what is not."""
    return Markup(_render("links.html", links=links, live=site["live"]))


def wiki(document: Document, site: Mapping[str, Any], problem: str, query: str) -> str:
    """Make the view of an article on the wiki: a frame, or the reason why there is none."""
    address = f"{site['root']}article/{document.id}/frame?{query}"
    return _render("wiki.html", document=document, wiki=site["wiki"], problem=problem, address=address)


def difference(document: Document, compared: Any, wiki: str, problem: str) -> str:
    """Make the view of the differences from the wiki's page."""
    return _render("difference.html", document=document, compared=compared, wiki=wiki, problem=problem)


def message(site: Mapping[str, Any], heading: str, text: str) -> str:
    """Make a page with one message."""
    return _render("message.html", site=site, heading=heading, text=text)


def redirect(address: str = "/") -> str:
    """Make a page that redirects to an address; the default is the list."""
    return _render("redirect.html", address=address)


def denied(problem: str) -> str:
    """Make the page for requests without a valid cookie."""
    return _render("denied.html", problem=problem)
