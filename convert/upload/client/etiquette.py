"""Manners towards those who run a wiki: who asks, how often, one thing at a time where they want that.

Wikimedia's wikis give 10 requests a minute to those who do not say who they are, 200 to those who do, 2,000 to
established editors, and any number to bots with the flag.

Sources: https://www.mediawiki.org/wiki/Wikimedia_APIs/Rate_limits, https://www.mediawiki.org/wiki/API:Etiquette,
https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy
"""

from __future__ import annotations

import string
from urllib.parse import quote, urlsplit

from convert import __version__
from convert.expressions import expression

#: Hosts whose rules demand one request at a time, and ``maxlag``.
WIKIMEDIA = expression(
    r"(^|\.)(wiki(pedia|quote|books|source|news|versity|voyage|data|functions|media|mediafoundation)|wiktionary|mediawiki)"
    r"\.org$"
)
MAXLAG_S = 5
_UNKNOWN_A_MINUTE, _KNOWN_A_MINUTE = 10, 200
#: The part of an allowed rate that is used.
MARGIN = 0.95


def is_wikimedia(url: str) -> bool:
    """Return whether an address is that of one of Wikimedia's wikis, which have rules of their own."""
    return bool(WIKIMEDIA.search(urlsplit(url).hostname or ""))


def wikimedia_rate(known: bool) -> float:
    """Return how many requests a minute are sent to Wikimedia's wikis, to those ``known`` by a contact or to others."""
    return MARGIN * (_KNOWN_A_MINUTE if known else _UNKNOWN_A_MINUTE)


def contact_wanted(host: str, fallback: str) -> str:
    """Tell that an operator's contact is wanted; ``fallback`` is what is sent in its place."""
    instead = (
        f"until then it is {fallback}" if fallback else f"the unknown may send {_UNKNOWN_A_MINUTE} requests a minute"
    )
    return (
        f"{host} wants to know who answers for the requests: give a mail address or a page with --contact, contact in "
        f"[wikis.NAME] or PLAINWIKI_CONTACT; {instead}"
    )


def user_agent(contact: str) -> str:
    """Return the User-Agent of requests: the program, and who answers for what it does."""
    # Account names come in all scripts; headers are ASCII.
    contact = quote(contact, safe=f" {string.printable.strip()}")
    return f"plainwiki/{__version__} ({contact})" if contact else f"plainwiki/{__version__}"


def page_of_account(user: str, url: str) -> str:
    """Return the user page of an account, as a contact."""
    return f"User:{user} at {urlsplit(url).hostname}" if user else ""
