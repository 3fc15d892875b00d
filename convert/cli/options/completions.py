"""What a shell completes the values of options with: the templates that are known, and the wikis of plainwiki.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def template_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names that begin so, in any case; with underscores, because bash takes words apart at spaces."""
    from click.shell_completion import CompletionItem

    from convert.cli.options.catalogue_file import extended
    from convert.infobox.catalogue import shipped

    known = extended(ctx.params.get("catalogue")) or shipped()
    names = sorted(template.name.replace(" ", "_") for template in known.templates)
    beginning = incomplete.replace(" ", "_").lower()
    return [CompletionItem(name) for name in names if name.lower().startswith(beginning)]


def wiki_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the wikis of the configuration whose names begin so."""
    from click.shell_completion import CompletionItem

    from convert.cli.configuration.defaults import configured_wikis

    return [CompletionItem(name) for name in configured_wikis(ctx) if name.startswith(incomplete)]
