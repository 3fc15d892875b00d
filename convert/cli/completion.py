"""``plainwiki completion``: what makes a shell complete commands, options and the values of many."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from convert.cli.options.layout import Explained
from convert.io import console


@click.command(
    "completion",
    cls=Explained,
    examples=("plainwiki completion bash >> ~/.bashrc", "plainwiki completion zsh >> ~/.zshrc"),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print what a shell must read once so that it completes commands, options and formats.

    \b
    bash    plainwiki completion bash >> ~/.bashrc
    zsh     plainwiki completion zsh >> ~/.zshrc
    fish    plainwiki completion fish > ~/.config/fish/completions/plainwiki.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "plainwiki", "_PLAINWIKI_COMPLETE")
    console.own_text(kind.source_template % script.source_vars() + "\n")
