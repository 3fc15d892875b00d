"""Many pages per request: as a dump that the wiki imports.

An import does not detect conflicts.  Timestamps keep it from hiding somebody else's edit: a revision is dated a second
before its page was fetched, or a second after the revision that it replaces, so any edit made since is newer and stays
the current one.  Importing is idempotent: a dump sent twice adds nothing.

A dump that is too large for the server, or for what stands in front of it, is sent in halves.

Source: https://www.mediawiki.org/wiki/API:Import
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import structs

from convert.errors import UsageError
from convert.titles import WikiTitle, page_of
from convert.upload.client.pages import Refused, Site
from convert.upload.plan import Create, Update
from convert.writers import export
from convert.writers.export import ExportOptions

MAX_PAGES = 50
MAX_BYTES = 4 << 20
_LEAST_BYTES = 1 << 12
_SECOND = timedelta(seconds=1)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


#: Refusals of a dump that may be too large: by PHP's limits of a file and of a form (of which nothing arrives then), by
#: a server in front, and by one that does not wait so long.
_TOO_LARGE = frozenset({
    "badupload", "file-too-large", "filesize", "importnofile", "importuploaderrorsize", "importuploaderrorpartial",
    "missingparam", "nofile", "notoken", "toobig", "unanswered", "http-200", "http-400", "http-413", "http-494",
    "http-500", "http-502", "http-503", "http-504",
})  # fmt: skip


def may_be_too_large(refused: Refused) -> bool:
    """Whether a smaller dump may be taken."""
    return refused.code in _TOO_LARGE or refused.code.startswith(("badupload", "importuploaderror"))


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


class Batches:
    """Groups steps into dumps within the wiki's limit of size, which is learned where the wiki does not tell it."""

    def __init__(self, site: Site) -> None:
        # Leave room for markup, names and escaped characters.
        self._limit = min(MAX_BYTES, site.max_upload_bytes // 2 or MAX_BYTES)
        self._options = ExportOptions(profile=site.profile, contributor=site.user)

    def of(self, steps: Iterable[Create | Update]) -> Iterator[list[Create | Update]]:
        """Yield the steps of each dump."""
        held: list[Create | Update] = []
        size = 0
        for step in steps:
            own = len(step.text.encode())
            if held and (len(held) == MAX_PAGES or size + own > self._limit):
                yield held
                held, size = [], 0
            held.append(step)
            size += own
        if held:
            yield held

    def dump(self, steps: Sequence[Create | Update]) -> bytes:
        """Return the dump that carries steps out."""
        options = self._options
        pages = [_revision(step, structs.replace(options, id=number)) for number, step in enumerate(steps, 1)]
        return "".join([export.opening(options), *pages, export.closing(options)]).encode()

    def halves(self, steps: list[Create | Update]) -> tuple[list[Create | Update], list[Create | Update]]:
        """Part the steps of a dump that was too large, and make later dumps smaller, too."""
        size = sum(len(step.text.encode()) for step in steps)
        self._limit = max(_LEAST_BYTES, min(self._limit, size // 2))
        middle = len(steps) // 2
        return steps[:middle], steps[middle:]


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
