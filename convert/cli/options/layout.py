"""How the help of a command is laid out: its examples first, and its many options in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

#: The groups in their order, with the parameters of each, the most used first.
GROUPS = {
    "Output": (
        "target", "output", "folder", "wiki", "profile", "mode", "as_json", "as_html", "dialect", "cargo", "smw",
        "split", "markup", "titles", "prove", "namespace", "prefix", "with_templates", "with_categories", "files",
        "licence_field", "scripts",
    ),
    "Plan": (
        "dry_run", "diff", "yes", "plan", "apply", "max_changes", "overwrite", "recreate", "follow_moves", "prefer",
        "insert", "gone", "max_gone", "retry_refused",
    ),
    "Edits": ("summary", "minor", "bot", "tags", "as_import", "concurrency", "maxlag", "patience"),
    "Past runs": ("runs", "verify", "undo", "state"),
    "Server": ("port", "browser", "host", "host_names"),
    "Input": (
        "source", "paragraphs", "articles", "headings", "tables", "notes", "include", "exclude", "follow_links",
        "encoding", "names_encoding", "detokenize", "max_document", "max_expansion",
    ),
    "Fields of records": ("text_field", "title_field", "infobox_field", "categories_field", "metadata"),
    "Infobox": ("infobox", "catalogue", "threshold", "values", "typed", "align", "names", "least_calls", "about"),
    "Links": (
        "links", "links_threshold", "links_scope", "links_most", "links_red", "links_never", "links_always",
    ),
    "Account": ("user", "contact", "rate", "plain_http", "ca_file", "client_cert", "client_key"),
    "Work": ("jobs", "restart", "retry_rejects", "shard", "engine", "ray_address", "summary_path", "report_path"),
    "Diagnostics": ("quiet", "verbose", "strict", "diagnostics", "log_format", "color"),
    "Advanced": ("config", "no_config"),
}  # fmt: skip

#: The group of --help, and of what stands in no other.
_LAST = "Advanced"
#: So many options are easy to look through without groups.
_FEW = 8


class _Explained(click.Command):
    """A command whose help shows examples, and its options in groups where there are many."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':{formatter.current_indent}}{example}\n")


class Explained(_Explained):
    """A command that is explained by examples and groups of options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [
            (str(param.name), param.get_help_record(ctx))
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
        ]
        options = {name: record for name, record in records if record}
        if len(options) <= _FEW:
            super().format_options(ctx, formatter)
            return
        for title, names in GROUPS.items():
            members = [options.pop(name) for name in names if name in options]
            if title == _LAST:
                members += options.values()
            if members:
                with formatter.section(title):
                    formatter.write_dl(members)


class ExplainedGroup(_Explained, click.Group):
    """A group of commands that are explained so."""

    command_class = Explained
