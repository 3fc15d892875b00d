"""Who is told of a run: of diagnostics, and of its progress."""

from __future__ import annotations

from msgspec import Struct

from convert.batch.progress import Progress
from convert.batch.report.summary import Summary
from convert.diagnostics import Diagnostic, Severity
from convert.inputs.sources import SourceReport


class Observer(Struct, frozen=True):
    """Callbacks of a run: ``report`` gets diagnostics of severity ``shown_from`` or above, ``progress`` the counts."""

    report: SourceReport
    shown_from: Severity
    progress: Progress

    def show(self, source: str, remark: Diagnostic) -> None:
        """Report a diagnostic if it is one of those to be shown."""
        if remark.severity >= self.shown_from:
            self.report(source, remark)

    def counting(self, summary: Summary) -> SourceReport:
        """Return a callback that counts diagnostics in a summary and reports those to be shown."""

        def count(source: str, remark: Diagnostic) -> None:
            summary.codes[remark.code] += 1
            summary.count_unread(remark)
            self.show(source, remark)

        return count
