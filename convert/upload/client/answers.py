"""What an answer of the Action API means: from its error code to the reaction.

An unknown code refuses the page, and its answer is kept verbatim.

Sources: https://www.mediawiki.org/wiki/API:Errors_and_warnings, https://www.mediawiki.org/wiki/API:Edit
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from convert.printable import redacted, visible
from convert.upload.client.shapes import EditResult, ErrorAnswer


class Next(Enum):
    """How to react to an answer."""

    #: Wait as long as the wiki says and retry, within the limit of ``patience_s``.
    WAIT = "wait"
    #: Fetch a new token and retry, once.
    RENEW = "renew"
    #: Sign in again and retry, once.
    SIGN_IN = "sign in"
    #: The outcome is unknown: read the page back before a retry.
    LOOK = "look"
    #: Give this page up and continue with the next.
    REFUSE = "refuse"
    #: End the run: no page can be saved any more.
    STOP = "stop"


#: Reactions by code; a code that ends in "*" is a prefix.
ANSWERS: dict[str, Next] = {
    # the wiki is busy
    "maxlag": Next.WAIT,
    "readonly": Next.WAIT,
    "ratelimited": Next.WAIT,
    # the request broke off, or was altered on the way
    "internal_api_error_*": Next.LOOK,
    "badmd5": Next.LOOK,
    # the session expired
    "badtoken": Next.RENEW,
    "assertuserfailed": Next.SIGN_IN,
    "assertnameduserfailed": Next.SIGN_IN,
    "assertbotfailed": Next.SIGN_IN,
    # the account
    "blocked": Next.STOP,
    "autoblocked": Next.STOP,
    "globalblocking-*": Next.STOP,
    "torblock-blocked": Next.STOP,
    "readapidenied": Next.STOP,
    "writeapidenied": Next.STOP,
    "mwoauth-invalid-authorization*": Next.STOP,
    "badtags": Next.STOP,
    # edit conflicts
    "editconflict": Next.REFUSE,
    "articleexists": Next.REFUSE,
    "missingtitle": Next.REFUSE,
    "pagedeleted": Next.REFUSE,
    # protected pages
    "protectedpage": Next.REFUSE,
    "cascadeprotected": Next.REFUSE,
    "protectednamespace": Next.REFUSE,
    "protectednamespace-interface": Next.REFUSE,
    "customcssprotected": Next.REFUSE,
    "permissiondenied": Next.REFUSE,
    "cantcreate": Next.REFUSE,
    # rejected titles and texts
    "invalidtitle": Next.REFUSE,
    "pagecannotexist": Next.REFUSE,
    "contenttoobig": Next.REFUSE,
    "titleblacklist-forbidden": Next.REFUSE,
    "spamblacklist": Next.REFUSE,
    "spamprotectionmatch": Next.REFUSE,
    "abusefilter-disallowed": Next.REFUSE,
    # A second attempt would save it: that is for a person to decide.
    "abusefilter-warning": Next.REFUSE,
    # Our own: the wiki has no code for a "Failure" without a reason.
    "captcha": Next.REFUSE,
}

_BEGINNINGS = {code[:-1]: following for code, following in ANSWERS.items() if code.endswith("*")}

#: Remedies for what stops a run; each follows a colon.
REMEDIES: dict[str, str] = {
    "blocked": "ask an administrator to unblock the account, then start again",
    "autoblocked": "ask an administrator to lift the block of your address, then start again",
    "readapidenied": "it is for members: sign in with --user, or ask for the right to read it",
    "writeapidenied": "ask for the right to use the API to write",
    "mwoauth-invalid-authorization": "make a new token on Special:OAuthConsumerRegistration",
    "assertbotfailed": "the account is no bot: ask for the right, or leave the bot flag out",
    "badtags": "leave the tags out, or ask an administrator to define them",
}

_MAX_RAW, _MAX_WORDS = 4000, 1000


class Failure(Struct, frozen=True):
    """An error in an answer."""

    code: str
    reason: str
    raw: str
    next: Next


def failed(error: ErrorAnswer, answer: Mapping[str, Any]) -> Failure:
    """Read an error; ``answer`` is the whole answer."""
    block = error.data.get("blockinfo") if isinstance(error.data, dict) else None
    partial = isinstance(block, dict) and bool(block.get("blockpartial"))
    # A partial block leaves other pages editable.
    following = Next.REFUSE if partial else next_of(error.code)
    return Failure(words(error.code), words(error.text), _raw(answer), following)


def unsaved(edit: EditResult, answer: Mapping[str, Any]) -> Failure:
    """Read why an edit was not saved when the answer is not an error."""
    code = "unknown" if edit.captcha is None else "captcha"
    if code == "captcha":
        reason = "the wiki asks for a captcha, which a person must solve"
    else:
        code = edit.code
        explanation = " ".join(text for text in (edit.info, edit.warning, edit.message) if isinstance(text, str))
        reason = words(explanation) or "the wiki did not save the page and does not say why"
    return Failure(words(code), reason, _raw(answer), next_of(code))


def next_of(code: str) -> Next:
    """Look up a code; an unknown one refuses the page."""
    if code in ANSWERS:
        return ANSWERS[code]
    return next((reaction for beginning, reaction in _BEGINNINGS.items() if code.startswith(beginning)), Next.REFUSE)


def words(text: str) -> str:
    """Make a wiki's text safe for one line of a terminal: no line breaks, no control characters, bounded length."""
    return visible(" ".join(redacted(text[:_MAX_RAW])[:_MAX_WORDS].split()))


def _raw(answer: Mapping[str, Any]) -> str:
    """Return an answer as JSON, truncated, without boilerplate fields."""
    shown_fields = {name: value for name, value in answer.items() if name not in ("docref", "trace")}
    return json.dumps(shown_fields, ensure_ascii=False)[:_MAX_RAW]
