"""What an answer of the Action API means: from its error code to what happens next.

The table is read by ``session``; a code that is not in it refuses the page, and the answer is kept as it came.

Sources: https://www.mediawiki.org/wiki/API:Errors_and_warnings, https://www.mediawiki.org/wiki/API:Edit
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct


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


#: Every code that is known, by what happens next.
ANSWERS: dict[str, Next] = {
    # the wiki has no time
    "maxlag": Next.WAIT,
    "readonly": Next.WAIT,
    "ratelimited": Next.WAIT,
    "actionthrottledtext": Next.WAIT,
    "actionthrottled": Next.WAIT,
    # it broke off
    "internal_api_error_DBConnectionError": Next.LOOK,
    "internal_api_error_DBQueryError": Next.LOOK,
    "internal_api_error_DBQueryTimeoutError": Next.LOOK,
    "internal_api_error_DBQueryDisconnectedError": Next.LOOK,
    "internal_api_error_DBTransactionError": Next.LOOK,
    "internal_api_error_DBTransactionSizeError": Next.LOOK,
    "internal_api_error_DBUnexpectedError": Next.LOOK,
    "internal_api_error_RequestTimeoutException": Next.LOOK,
    "badmd5": Next.LOOK,
    # what was signed in is no more
    "badtoken": Next.RENEW,
    "assertuserfailed": Next.SIGN_IN,
    "assertnameduserfailed": Next.SIGN_IN,
    "assertbotfailed": Next.SIGN_IN,
    "sessionlost": Next.SIGN_IN,
    # the account
    "blocked": Next.STOP,
    "autoblocked": Next.STOP,
    "systemblocked": Next.STOP,
    "globalblocking-blockedtext-user": Next.STOP,
    "globalblocking-blockedtext-ip": Next.STOP,
    "globalblocking-blockedtext-range": Next.STOP,
    "globalblocking-blockedtext-xff": Next.STOP,
    "torblock-blocked": Next.STOP,
    "readapidenied": Next.STOP,
    "writeapidenied": Next.STOP,
    "noapiwrite": Next.STOP,
    "mwoauth-invalid-authorization": Next.STOP,
    "mwoauth-invalid-authorization-invalid-user": Next.STOP,
    "mwoauth-invalid-authorization-wrong-wiki": Next.STOP,
    "mwoauth-invalid-authorization-not-approved": Next.STOP,
    "mwoauth-invalid-authorization-blocked-user": Next.STOP,
    "tags-apply-not-allowed-one": Next.STOP,
    "tags-apply-not-allowed-multi": Next.STOP,
    "tags-apply-no-permission": Next.STOP,
    "tags-apply-blocked": Next.STOP,
    "badtags": Next.STOP,
    # the page is another one by now
    "editconflict": Next.REFUSE,
    "articleexists": Next.REFUSE,
    "missingtitle": Next.REFUSE,
    "pagedeleted": Next.REFUSE,
    "nosuchrevid": Next.REFUSE,
    "undofailure": Next.REFUSE,
    # the page is guarded
    "protectedpage": Next.REFUSE,
    "cascadeprotected": Next.REFUSE,
    "protectednamespace": Next.REFUSE,
    "protectednamespace-interface": Next.REFUSE,
    "protectedtitle": Next.REFUSE,
    "permissiondenied": Next.REFUSE,
    "cantcreate": Next.REFUSE,
    "nocreate-loggedin": Next.REFUSE,
    "noedit": Next.REFUSE,
    "customcssprotected": Next.REFUSE,
    "customjsprotected": Next.REFUSE,
    "customjsonprotected": Next.REFUSE,
    "no-direct-editing": Next.REFUSE,
    "contentmodel-mismatch": Next.REFUSE,
    # the text or the title is not wanted
    "titleblacklist-forbidden": Next.REFUSE,
    "spamblacklist": Next.REFUSE,
    "spamdetected": Next.REFUSE,
    "abusefilter-disallowed": Next.REFUSE,
    # Sent again, it would be saved: that is for a person to decide.
    "abusefilter-warning": Next.REFUSE,
    "captcha": Next.REFUSE,
    "contenttoobig": Next.REFUSE,
    "invalidtitle": Next.REFUSE,
    "emptypage": Next.REFUSE,
    "hookaborted": Next.REFUSE,
}

#: What to do about what stops a run, in words that follow a colon.
REMEDIES: dict[str, str] = {
    "blocked": "ask an administrator to unblock the account, then start again",
    "autoblocked": "ask an administrator to lift the block of your address, then start again",
    "readapidenied": "the account may not read this wiki",
    "assertbotfailed": "the account is no bot: ask for the right, or leave the bot flag out",
    "badtags": "leave the tags out, or ask an administrator to define them",
}

_MAX_RAW = 4000


class Failure(Struct, frozen=True):
    """An answer that is an error."""

    code: str
    reason: str
    raw: str
    next: Next


def failure_of(answer: Mapping[str, Any]) -> Failure | None:
    """Tell whether an answer is an error, and what happens then."""
    for error in answer.get("errors", ()):
        code = str(error.get("code", "unknown"))
        reason = " ".join(str(error.get("text", "")).split())
        details = error.get("data", {})
        partial = isinstance(details, Mapping) and details.get("blockinfo", {}).get("blockpartial", False)
        # A block from some pages leaves the others.
        following = Next.REFUSE if partial else ANSWERS.get(code, Next.REFUSE)
        return Failure(code, reason, raw_of(answer), following)
    edit = answer.get("edit", {})
    if isinstance(edit, Mapping) and edit.get("result", "Success") != "Success":
        code = "captcha" if "captcha" in edit else str(edit.get("code", "unknown"))
        reason = "the wiki asks for a captcha, which a person must solve" if code == "captcha" else _said(edit)
        return Failure(code, reason, raw_of(answer), ANSWERS.get(code, Next.REFUSE))
    return None


def raw_of(answer: Mapping[str, Any]) -> str:
    """Keep an answer as it came, within bounds, without what every answer ends with."""
    said = {name: value for name, value in answer.items() if name != "docref"}
    return json.dumps(said, ensure_ascii=False)[:_MAX_RAW]


def _said(edit: Mapping[str, Any]) -> str:
    words = [str(edit[name]) for name in ("info", "warning", "message") if name in edit]
    return " ".join(" ".join(words).split()) or "the wiki did not save the page and does not say why"
