"""HTML pages of the preview, rendered from documents and rows with the templates beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import exp
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from convert.infobox import GENERIC
from convert.infobox.match import Match
from convert.preview import views
from convert.preview.documents import Decision, Document
from convert.preview.rows import Row
from convert.writers.html import HtmlOptions, body

#: The views by name, with the labels of their buttons.
VIEWS = {"page": "Page", "wikitext": "Wikitext", "source": "Source", "data": "Data"}
WIKI_VIEWS = {"wiki": "On the wiki", "difference": "Difference"}

#: Keys shown as reasons for a template.
MAX_REASONS = 8

_SEVERITIES = {1: "note", 2: "warning", 3: "error"}
_ORIGINS = {
    "article": "named in the article",
    "option": "named by --infobox",
    "rule": "by a rule in plainwiki.toml",
    "guess": "guessed from its keys",
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("convert.preview"), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    environment.filters["percent"] = percent
    environment.filters["times"] = times
    environment.globals.update(
        SEVERITIES=_SEVERITIES, ORIGINS=_ORIGINS, GENERIC=GENERIC, MAX_LINES=views.MAX_LINES,
        MAX_CHARACTERS=views.MAX_CHARACTERS,
    )  # fmt: skip
    return environment


def percent(probability: float) -> str:
    """Format a probability, never as 100 %."""
    return f"{min(int(probability * 100), 99)} %"


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
    document: Document,
    site: Mapping[str, Any],
    neighbours: tuple[Row | None, Row | None],
    options: HtmlOptions,
    edition: int = 0,
    embedded: bool = False,
) -> str:
    """Make the page of an article; ``embedded``: with all views, not only the first."""
    shown = [name for name in (*VIEWS, *site["wiki_views"]) if embedded or name == "page"]
    contents = {name: view(name, document, options) for name in shown}
    return _render(
        "article.html", site=site, document=document,
        decisions=[_DecisionView(decision) for decision in document.decisions],
        contents=contents, views={**VIEWS, **site["wiki_views"]}, neighbours=neighbours, edition=edition,
    )  # fmt: skip


def view(name: str, document: Document, options: HtmlOptions) -> Markup:
    """Make one view of a document."""
    article = document.article
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


class _DecisionView:
    """The view model of a template decision."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.match: Match = decision.match
        self.guess: Match = decision.guess
        self.number = decision.number
        self.chosen = decision.chosen
        self.doubtful = decision.doubtful
        self.named = decision.infobox.template
        self.name = self.match.template or GENERIC
        self.options = self._options()
        self.keys = [row.key for row in decision.infobox.fields if row.key]
        self.reasons = [reason for reason in self.guess.reasons if reason[1] > 0][:MAX_REASONS]
        self.spoken = {key for key, _ in self.reasons}
        self.strongest = max((weight for _, weight in self.reasons), default=1.0)
        self.foreign = decision.foreign
        self.unknown = [row.key for _, row in self.match.leftovers if row.key]

    def _options(self) -> list[tuple[str, float | None]]:
        """List the templates to choose from: the decision, the guess and its alternatives, and the generic one."""
        guess = self.guess
        options: dict[str, float | None] = {}
        if guess.template:
            options[guess.template] = guess.probability
        options.update(guess.alternatives)
        for name in (self.named, self.name, self.chosen):
            if name and name != GENERIC:
                options.setdefault(name, None)
        return [*options.items(), (GENERIC, None)]

    @property
    def origin(self) -> str:
        """Return the origin of the choice."""
        return "being tried" if self.chosen else _ORIGINS[self.match.origin]


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
