"""Desired pages and existing pages to the steps of a plan, as data.

    Step = Create | Update | Keep | Conflict | Refuse | Retire

Pure.  A plan can be shown and stored (``convert.upload.plan_lines``), and applied as it was reviewed: a step that
writes names the revision that it replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Literal

from msgspec import Struct, structs

from convert.diagnostics import shown, visible
from convert.nfc import to_nfc
from convert.profile import MEDIAWIKI, WikiProfile
from convert.titles import WikiTitle, page_of
from convert.upload.client.pages import Departure, RemotePage
from convert.upload.merging.call import Clash
from convert.upload.merging.merge import Merged, merge
from convert.upload.merging.names import MergeRules
from convert.upload.merging.places import Hidden
from convert.wikitext.page import redirect_of

Mode = Literal["create", "replace", "infobox"]
#: What becomes of pages whose articles left the sources.
Retirement = Literal["list", "blank", "redirect", "delete"]

#: With fewer existing pages than these, the limit of changes does not apply.
FEW_PAGES = 10

# MediaWiki strips these at the end of a text.
_ENDINGS = " \t\n\r\0\x0b"


class DesiredPage(Struct, frozen=True):
    """A page as it should be; ``source`` tells people where it comes from."""

    title: str
    text: str
    source: str = ""
    #: The content model; empty for the wiki's default for the title.
    model: str = "wikitext"
    #: Create it if it is missing, but never change it, whatever the mode.
    only_missing: bool = False


class WrittenPage(Struct, frozen=True):
    """The text that we wrote last on a page, and its revision; ``sha1`` is that revision's, hexadecimal."""

    revision: int
    sha1: str
    text: str


class Create(Struct, frozen=True, tag_field="step", tag="create", omit_defaults=True):
    """Create a missing page; ``started`` is the wiki's time when it was missing."""

    title: str
    text: str
    source: str = ""
    started: str = ""
    model: str = "wikitext"


class Update(Struct, frozen=True, tag_field="step", tag="update", omit_defaults=True):
    """Replace the text of a page: of the revision ``base``, written at ``since``.

    ``ours`` is our own text, if the merged ``text`` holds more than that.
    """

    title: str
    text: str
    base: int
    size: int
    source: str = ""
    started: str = ""
    since: str = ""
    ours: str = ""
    model: str = "wikitext"


class Keep(Struct, frozen=True, tag_field="step", tag="keep", omit_defaults=True):
    """Leave a page alone: it is up to date already, or must not be changed (``why``)."""

    title: str
    source: str = ""
    why: str = ""


class Conflict(Struct, frozen=True, tag_field="step", tag="conflict", omit_defaults=True):
    """A page that somebody else changed: a person must decide; ``asked`` are the values that are asked for at once."""

    title: str
    why: str
    source: str = ""
    asked: tuple[Clash, ...] = ()


class Refuse(Struct, frozen=True, tag_field="step", tag="refuse", omit_defaults=True):
    """A page that cannot be written; ``code`` is the wiki's error code, or our own."""

    title: str
    code: str
    why: str
    source: str = ""


class Retire(Struct, frozen=True, tag_field="step", tag="gone", omit_defaults=True):
    """A page whose article left the sources: it is listed, or becomes ``text``, or is deleted, in ``base``."""

    title: str
    how: Retirement
    text: str = ""
    base: int = 0
    size: int = 0
    source: str = ""
    started: str = ""


Step = Create | Update | Keep | Conflict | Refuse | Retire
_WIKITEXT = "wikitext"
KINDS = ("create", "update", "keep", "conflict", "refuse")


def kind_of(step: Step) -> str:
    """Return the name of a step's kind."""
    return str(step.__struct_config__.tag)


@dataclass(frozen=True)
class Rules:
    """How to treat existing pages; ``overwrite`` also replaces pages that people edited since we wrote them."""

    mode: Mode = "create"
    overwrite: bool = False
    #: The share of existing pages that may change, in percent.
    max_changes: int = 30
    #: How infoboxes are merged, for the mode ``infobox``.
    merging: MergeRules = field(default_factory=MergeRules)
    #: Also pages of other content than wikitext are written, such as scripts, as they are given.
    scripts: bool = False
    #: Pages that were deleted or moved since we wrote them are made again.
    recreate: bool = False
    #: Where such a page was moved, it is written under its new title.
    follow_moves: bool = False
    #: What becomes of pages whose articles left the sources; and where those that were not renamed lead then.
    gone: Retirement = "list"
    gone_target: str = ""
    #: The most pages that are so handled, or their share with a percent sign.
    max_gone: str = "10%"


def checked_limit(limit: str) -> str:
    """Check a limit of pages, as in ``20`` or ``10%``; raises ValueError for something else."""
    number = limit.removesuffix("%")
    if not number.isdecimal() or not number.isascii():
        raise ValueError(f"{shown(limit)}: write a number of pages, or a share as in 10%")
    return limit


def kept(text: str) -> str:
    """Normalize a text as the wiki does: NFC, line feeds, no white space at its end."""
    return to_nfc(text.replace("\r\n", "\n").replace("\r", "\n")).rstrip(_ENDINGS)


def digest(text: str) -> str:
    """Return the SHA-1 of a text in the API's format, hexadecimal."""
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def decide(
    desired: DesiredPage,
    page: RemotePage,
    written: WrittenPage | None,
    earlier: Refuse | None,
    rules: Rules,
    profile: WikiProfile,
    departure: Departure | None = None,
) -> Step:
    """Decide what to do with a page.

    ``page`` is the wiki's page (with its text, for the mode ``infobox``), ``written`` what we wrote last, ``earlier``
    the wiki's refusal of exactly this text, if it was sent before.  ``departure`` is how a page that we wrote left the
    title, if people deleted or moved it.
    """
    title, source = page.title, desired.source
    if departure and not rules.recreate and page.sha1 != digest(desired.text):
        return Conflict(title, departed(departure), source)
    if departure:  # to be made again, also in place of a redirect that a move left
        page, written = structs.replace(page, redirect=False), None
    problem = _problem(desired, page, rules, profile) or (earlier and (earlier.code, earlier.why))
    if page.exists and (reason := _kept(desired, page, written, rules)) is not None:
        return Keep(title, source, reason)
    if problem:
        return Refuse(title, *problem, source)
    if not page.exists:
        if rules.mode == "infobox" and not desired.only_missing:
            why = "there is no such page: with --mode create it will be written as a whole"
            return Refuse(title, "missingtitle", why, source)
        return Create(title, desired.text, source, page.fetched, desired.model or page.model)
    if rules.mode == "infobox":
        return _merged(desired, page, written, profile, rules.merging)
    if written and not rules.overwrite and not _as_written(written, page):
        why = f"{visible(page.user) or 'somebody'} edited it since we wrote it: merge by hand, or give --overwrite"
        return Conflict(title, why, source)
    return Update(title, desired.text, page.revision, page.size, source, page.fetched, page.timestamp, model=page.model)


def rechecked(step: Create | Update, page: RemotePage) -> Step:
    """Recheck a step of a stored plan: it is still valid only if the page has not changed since."""
    if page.sha1 == digest(step.text):
        return Keep(page.title, step.source)
    if page.exists and page.revision != (step.base if isinstance(step, Update) else 0):
        doing = "edited" if isinstance(step, Update) else "made"
        return Conflict(page.title, f"{visible(page.user) or 'somebody'} {doing} it since it was planned", step.source)
    if isinstance(step, Update) and not page.exists:
        return Conflict(page.title, "it was deleted since it was planned", step.source)
    if page.refusal:
        return Refuse(page.title, page.refusal.code, visible(page.refusal.reason), step.source)
    return step


def departed(departure: Departure) -> str:
    """Tell who deleted or moved a page that we wrote, when and why, and what to do."""
    remedy = "--recreate makes it again"
    if departure.target:
        remedy = f"--follow-moves writes there, {remedy} here"
    return f"{left(departure, 'we wrote it')}: {remedy}"


def left(departure: Departure, since: str) -> str:
    """Tell who deleted or moved a page since then, when and why."""
    if not departure.timestamp:
        return f"it is gone since {since}, and the wiki's log does not say who did it"
    doing = f"moved to {shown(departure.target)}" if departure.target else "deleted"
    who, when = visible(departure.user) or "somebody", departure.timestamp[:16].replace("T", " ")
    why = f": {visible(departure.comment)}" if departure.comment else ""
    return f"it was {doing} since {since} ({who}, {when}{why})"


def _as_written(written: WrittenPage, page: RemotePage) -> bool:
    """Return whether nobody edited a page since we wrote it."""
    return written.revision == page.revision or bool(written.sha1 and written.sha1 == page.sha1)


def _kept(desired: DesiredPage, page: RemotePage, written: WrittenPage | None, rules: Rules) -> str | None:
    """Return why a page is left alone: empty if it has the desired text, ``None`` if it must change."""
    if page.sha1 == digest(desired.text):
        return ""
    if written and written.revision == page.revision and written.text == desired.text:
        return ""  # as the wiki normalized it
    if rules.mode == "create" or desired.only_missing:
        return "there is such a page"
    return None


def _problem(desired: DesiredPage, page: RemotePage, rules: Rules, profile: WikiProfile) -> tuple[str, str] | None:
    """Return why a page cannot be written, as a code and a reason."""
    if page.refusal:
        return page.refusal.code, visible(page.refusal.reason)
    if not desired.text:
        return "emptypage", "it would be empty: write something in it"
    size = len(desired.text.encode())
    if size > profile.max_page_bytes:
        return "contenttoobig", f"it has {size:,} bytes, and the wiki takes {profile.max_page_bytes:,}: make several"
    if desired.model and page.model != desired.model and (page.exists or desired.model == _WIKITEXT):
        return "contentmodel", f"its content is {visible(page.model)} and not {desired.model}"
    model = "" if desired.only_missing else desired.model or page.model
    if model not in ("", _WIKITEXT) and not rules.scripts:
        return "contentmodel", f"its content is {visible(model)}, which may run on the wiki: allow it with --scripts"
    if not rules.scripts and not desired.only_missing and _is_interface(page.title, profile):
        return "interface", "it is a text of the wiki's interface: allow it with --scripts"
    if page.redirect and not redirect_of(desired.text):
        return "redirect", "it only leads to another page: write that one, or remove the redirect"
    return None


def _is_interface(title: str, profile: WikiProfile) -> bool:
    page = page_of(title, profile)
    return isinstance(page, WikiTitle) and page.namespace == MEDIAWIKI


def _merged(
    desired: DesiredPage, page: RemotePage, written: WrittenPage | None, profile: WikiProfile, rules: MergeRules
) -> Step:
    """Plan to merge the infobox into an existing page."""
    title, source = page.title, desired.source
    if page.text is None:
        return Refuse(title, "hidden", "the wiki does not show its text", source)
    merged = merge(written.text if written else "", page.text, desired.text, profile, rules)
    if isinstance(merged, Hidden):
        return Refuse(title, "infobox", merged.why, source)
    if not isinstance(merged, Merged):
        return Conflict(title, "; ".join(map(told, merged)), source, tuple(clash for clash in merged if clash.asked))
    if merged.text == page.text:
        return Keep(title, source)
    return Update(title, merged.text, page.revision, page.size, source, page.fetched, page.timestamp, ours=desired.text)


def told(clash: Clash) -> str:
    """Tell what each side says for a parameter."""
    name, base, theirs, ours = (
        value and visible(value if len(value) < 60 else value[:59] + "…")
        for value in (clash.parameter, clash.base, clash.theirs, clash.ours)
    )
    was = "" if base is None else f" (it was '{base}')"
    there, here = ("removed" if value is None else f"'{value}'" for value in (theirs, ours))
    of_box = clash.box and f" of {clash.box}"
    return f"{name}{of_box} is {there} on the page and {here} in the article{was}"


def excess(counts: Mapping[str, int], rules: Rules) -> str:
    """Return why a plan is suspicious; empty if it is not."""
    existing = sum(counts.get(kind, 0) for kind in ("update", "keep", "conflict"))
    changed = counts.get("update", 0)
    if existing < FEW_PAGES or changed * 100 <= existing * rules.max_changes:
        return ""
    return (
        f"{changed:,} of {existing:,} existing pages would change, which is more than {rules.max_changes} %: "
        "look at the plan with --diff, then raise --max-changes"
    )
