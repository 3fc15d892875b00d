"""A template of the catalogue as an HTML page: its parameters, and an example infobox."""

from __future__ import annotations

from collections.abc import Iterator

from convert.infobox.catalogue import Parameter, Template
from convert.infobox.layout.words import readable
from convert.writers import page
from convert.writers.page import escaped

# The example infobox has this many parameters, the most used ones.
_SHOWN = 16

_STYLE = """
.template { max-width: 78rem; margin: 0 auto; }
.template > p { color: var(--soft); }
.parameters { overflow-x: auto; }
.parameters table { width: 100%; border-collapse: collapse; font-size: .9rem; }
.parameters th, .parameters td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
.parameters th, .parameters td { text-align: start; vertical-align: top; }
.parameters thead th { color: var(--soft); white-space: nowrap; }
.parameters tbody th { font-weight: 600; }
.parameters td:last-child, .parameters th:last-child { padding-inline-end: 0; text-align: end; }
@container (min-width: 64rem) { .parameters { margin-inline-end: 22rem; } }
"""


def write(template: Template) -> str:
    """Write the page of a template."""
    also = f"<p>Also: {escaped(', '.join(template.aliases))}</p>\n" if template.aliases else ""
    uses = f"<p>Calls that were counted: {template.uses:,}</p>\n" if template.uses else ""
    return "".join(
        [
            page.opening(template.name, more_style=_STYLE),
            f'<main>\n<div class="template">\n<h1>{escaped(template.name)}</h1>\n{also}{uses}',
            *_infobox(template),
            '<div class="parameters" tabindex="0" role="group" aria-label="Parameters">\n<table>\n<thead><tr>',
            "".join(f'<th scope="col">{name}</th>' for name in ("Parameter", "Label", "Kind", "Also", "Uses")),
            "</tr></thead>\n<tbody>\n",
            *(_row(parameter) for parameter in template.parameters),
            f"</tbody>\n</table>\n</div>\n</div>\n</main>\n{page.closing()}",
        ]
    )


def _infobox(template: Template) -> Iterator[str]:
    yield f'<table class="infobox">\n<caption>{escaped(template.name)}</caption>\n<tbody>\n'
    usual = sorted(template.parameters, key=lambda parameter: -parameter.uses)[:_SHOWN]
    for parameter in filter(usual.__contains__, template.parameters):
        value = parameter.kind if parameter.kind != "text" else "…"
        yield f'<tr><th scope="row">{escaped(parameter.label or readable(parameter.name))}</th><td>{value}</td></tr>\n'
    yield "</tbody>\n</table>\n"


def _row(parameter: Parameter) -> str:
    cells = (parameter.label, parameter.kind, ", ".join(parameter.aliases), f"{parameter.uses:,}")
    data = "".join(f"<td>{escaped(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row"><code>{escaped(parameter.name)}</code></th>{data}</tr>\n'
