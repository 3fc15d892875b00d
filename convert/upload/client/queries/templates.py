"""What a wiki says of templates: redirects to them, and how they want to be called.

Sources: https://www.mediawiki.org/wiki/API:Redirects, https://www.mediawiki.org/wiki/Extension:TemplateData#API
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from convert.upload.client.api import ApiError, continued
from convert.upload.client.decoding import LISTS_BYTES, Misshapen
from convert.upload.client.session import Session, listed
from convert.upload.client.shapes import Empty, Query, Renamed, Titled, filled

#: Titles in a request.
_TOGETHER = 50
#: The most answers: each of them adds something about at least one page.
_ANSWERS, _ANSWERS_OF_PAGE = 10, 4


class _Target(Struct, frozen=True):
    """A page, and pages that redirect to it."""

    title: str
    redirects: list[Titled] = []


class _Redirects(Struct, frozen=True):
    """Pages, each with its redirects; requested titles that are redirects themselves stand in the query's own."""

    pages: list[_Target] = []
    redirects: list[Renamed] = []


class _Described(Struct, frozen=True):
    """How a template wants to be called: ``inline``, ``block``, or a pattern."""

    title: str
    format: str | None = None


class _TemplateData(Struct, frozen=True):
    """The answer to ``action=templatedata``."""

    pages: dict[str, _Described] | Empty


class Templates:
    """The templates of a wiki."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def redirects(self, titles: Sequence[str]) -> dict[str, str]:
        """Return the redirects to pages, and those that given titles are, each with the title that it leads to."""
        leads: dict[str, str] = {}

        def ask(fields: Mapping[str, str]) -> Query[_Redirects]:
            return self._session.read(Query[_Redirects], {"action": "query", **fields}, LISTS_BYTES)

        for some in _batches(titles):
            asked = {"prop": "redirects", "rdlimit": "max", "redirects": "1", "titles": listed(some)}
            try:
                for answer in continued(ask, asked, _ANSWERS + _ANSWERS_OF_PAGE * len(some)):
                    leads |= {change.asked: change.to for change in answer.query.redirects}
                    leads |= {old.title: page.title for page in answer.query.pages for old in page.redirects}
            except Misshapen as misshapen:
                raise self._session.malformed("query", misshapen) from None
        return leads

    def formats(self, titles: Sequence[str]) -> dict[str, str]:
        """Return the formats of calls that templates want (TemplateData), by title; none without the extension."""
        formats: dict[str, str] = {}
        for some in _batches(titles):
            asked = {"action": "templatedata", "titles": listed(some)}
            try:
                pages = filled(self._session.read(_TemplateData, asked, LISTS_BYTES).pages).values()
            except ApiError as error:
                if error.failure.code in ("badvalue", "unknown_action"):
                    return {}
                raise
            formats |= {page.title: page.format for page in pages if page.format}
        return formats


def _batches(titles: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(titles), _TOGETHER):
        yield titles[start : start + _TOGETHER]
