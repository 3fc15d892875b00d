"""What an answer of the Action API means: from its error code to what happens next.

A code that is not in the table refuses the page, and its answer is kept as it came.

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
    """What happens after an answer."""

    #: Wait, as long as the wiki says, and ask again; patience has a limit.
    WAIT = "wait"
    #: Fetch a new token and ask again, once.
    RENEW = "renew"
    #: Sign in again and ask again, once.
    SIGN_IN = "sign in"
    #: What became of the request is not known: read the page back before asking again.
    LOOK = "look"
    #: Nothing comes of this page; go on with the next.
    REFUSE = "refuse"
    #: No page can be saved any more.
    STOP = "stop"


#: What happens next, by code; one that ends in "*" stands for all that begin so.
ANSWERS: dict[str, Next] = {
    # the wiki has no time
    "maxlag": Next.WAIT,
    "readonly": Next.WAIT,
    "ratelimited": Next.WAIT,
    # it broke off, or something on the way changed the text
    "internal_api_error_*": Next.LOOK,
    "badmd5": Next.LOOK,
    # what was signed in is no more
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
    # the page is another one by now
    "editconflict": Next.REFUSE,
    "articleexists": Next.REFUSE,
    "missingtitle": Next.REFUSE,
    "pagedeleted": Next.REFUSE,
    # the page is guarded
    "protectedpage": Next.REFUSE,
    "cascadeprotected": Next.REFUSE,
    "protectednamespace": Next.REFUSE,
    "protectednamespace-interface": Next.REFUSE,
    "customcssprotected": Next.REFUSE,
    "permissiondenied": Next.REFUSE,
    "cantcreate": Next.REFUSE,
    # the title or the text is not wanted
    "invalidtitle": Next.REFUSE,
    "pagecannotexist": Next.REFUSE,
    "contenttoobig": Next.REFUSE,
    "titleblacklist-forbidden": Next.REFUSE,
    "spamblacklist": Next.REFUSE,
    "spamprotectionmatch": Next.REFUSE,
    "abusefilter-disallowed": Next.REFUSE,
    # Sent again, it would be saved: that is for a person to decide.
    "abusefilter-warning": Next.REFUSE,
    # Ours, because the wiki has none for it: a "Failure" without a code.
    "captcha": Next.REFUSE,
}

_BEGINNINGS = {code[:-1]: following for code, following in ANSWERS.items() if code.endswith("*")}

#: What to do about what stops a run, in words that follow a colon.
REMEDIES: dict[str, str] = {
    "blocked": "ask an administrator to unblock the account, then start again",
    "autoblocked": "ask an administrator to lift the block of your address, then start again",
    "readapidenied": "ask for the right to read this wiki",
    "writeapidenied": "ask for the right to use the API to write",
    "mwoauth-invalid-authorization": "make a new token on Special:OAuthConsumerRegistration",
    "assertbotfailed": "the account is no bot: ask for the right, or leave the bot flag out",
    "badtags": "leave the tags out, or ask an administrator to define them",
}

_MAX_RAW, _MAX_WORDS = 4000, 1000


class Failure(Struct, frozen=True):
    """An answer that is an error."""

    code: str
    reason: str
    raw: str
    next: Next


def failed(error: ErrorAnswer, answer: Mapping[str, Any]) -> Failure:
    """Read an error; ``answer`` is all that came with it."""
    block = error.data.get("blockinfo") if isinstance(error.data, dict) else None
    partial = isinstance(block, dict) and bool(block.get("blockpartial"))
    # A block from some pages leaves the others.
    following = Next.REFUSE if partial else next_of(error.code)
    return Failure(words(error.code), words(error.text), _raw(answer), following)


def unsaved(edit: EditResult, answer: Mapping[str, Any]) -> Failure:
    """Read why an edit was not saved, although the answer is no error."""
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
    """Make what a wiki says fit for a line: in one, within bounds, and nothing in it that a terminal would act upon."""
    return visible(" ".join(redacted(text[:_MAX_RAW])[:_MAX_WORDS].split()))


def _raw(answer: Mapping[str, Any]) -> str:
    """Keep an answer as it came, within bounds, without what is of no use here."""
    shown_fields = {name: value for name, value in answer.items() if name not in ("docref", "trace")}
    return json.dumps(shown_fields, ensure_ascii=False)[:_MAX_RAW]
