"""TemplateData, from which editors get a form.

Source: https://www.mediawiki.org/wiki/Help:TemplateData
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from convert.expressions import expression
from convert.infobox.catalogue import Template
from convert.infobox.kinds import TYPES
from convert.infobox.layout.model import Layout
from convert.infobox.layout.words import Labels

# Characters that the wiki would parse as markup before it reads the JSON.
_ALIVE = expression(r"[<>&]|(?<=\{)\{|(?<=\[)\[|(?<=~)~|(?<=_)_")


def form_of(template: Template, layout: Layout, labels: Labels) -> str:
    """Describe the parameters of a template."""
    half = template.uses / 2
    parameters = {
        parameter.name: {
            "label": labels.label(parameter),
            "type": TYPES[parameter.kind],
            **({"aliases": parameter.aliases} if parameter.aliases else {}),
            **({"suggested": True} if half and parameter.uses >= half else {}),
        }
        for parameter in layout.parameters
    }
    return template_data("An infobox: what is to be known of its subject at a glance.", parameters)


def template_data(about: str, parameters: Mapping[str, Mapping[str, object]]) -> str:
    """Write the description of a template and its parameters."""
    lines = ",\n".join(f"\t\t{_json(name)}: {_json(description)}" for name, description in parameters.items())
    order = _json(list(parameters))
    return (
        f'<templatedata>\n{{\n\t"description": {_json(about)},\n\t"format": "block",\n'
        f'\t"params": {{\n{lines}\n\t}},\n\t"paramOrder": {order}\n}}\n</templatedata>'
    )


def _json(value: object) -> str:
    return _ALIVE.sub(lambda match: f"\\u{ord(match[0]):04x}", msgspec.json.encode(value).decode())
