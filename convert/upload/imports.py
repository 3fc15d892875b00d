"""Many pages per request: as a dump that the wiki imports.

An import does not detect conflicts.  Timestamps keep it from hiding somebody else's edit: a revision is dated a second
before its page was fetched, or a second after the revision that it replaces, so any edit made since is newer and stays
the current one.  Importing is idempotent: a dump sent twice adds nothing.

Source: https://www.mediawiki.org/wiki/API:Import
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct, structs

from convert.errors import UsageError
from convert.titles import WikiTitle, page_of
from convert.upload.client.pages import Site
from convert.upload.plan import Create, Step, Update
from convert.upload.plan_store import batched
from convert.writers import export
from convert.writers.export import ExportOptions

MAX_PAGES = 50
MAX_BYTES = 4 << 20
_SECOND = timedelta(seconds=1)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Dump(Struct, frozen=True):
    """Steps and the dump that carries them out."""

    steps: list[Create | Update]
    xml: bytes


def may_import(site: Site) -> None:
    """Raise UsageError if the account may not import."""
    if not {"import", "importupload"} <= site.rights:
        raise UsageError(f"{site.user} may not import pages there: leave --import out, or ask for the right")


def importable(step: Create | Update) -> bool:
    """Return whether a timestamp fits between the replaced revision and any later one."""
    if step.model not in export.MODELS:
        return False  # a single edit keeps the model that the wiki gives it
    try:
        moment, started = _moment(step), _parsed(step.started)
    except (ValueError, OverflowError):
        return False  # whoever told them: a single edit is dated by the wiki
    return moment < started


def dumps(steps: Iterable[Step], site: Site) -> Iterator[Dump]:
    """Group steps into dumps within the wiki's limit of size."""
    # Leave room for markup, names and escaped characters.
    limit = min(MAX_BYTES, site.max_upload_bytes // 2 or MAX_BYTES)
    options = ExportOptions(profile=site.profile, contributor=site.user)
    for some in batched(steps, MAX_PAGES, limit):
        writing = [step for step in some if isinstance(step, Create | Update)]
        pages = [_revision(step, structs.replace(options, id=number)) for number, step in enumerate(writing, 1)]
        yield Dump(writing, "".join([export.opening(options), *pages, export.closing(options)]).encode())


def _revision(step: Create | Update, options: ExportOptions) -> str:
    page = page_of(step.title, options.profile)
    assert isinstance(page, WikiTitle), page  # the wiki itself gave the title
    dated = structs.replace(options, timestamp=_moment(step).strftime(_TIME))
    return export.revision(page, step.text, dated, step.model)


def _moment(step: Create | Update) -> datetime:
    """Return the timestamp for an imported revision."""
    return _parsed(step.started) - _SECOND if isinstance(step, Create) else _parsed(step.since) + _SECOND


def _parsed(time: str) -> datetime:
    return datetime.strptime(time, _TIME)
