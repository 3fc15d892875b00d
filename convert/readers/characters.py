"""Characters that have a part in the form of a plain article: the marks of bullets.

The form itself has ``-``, ``*`` and ``•``.  Word processors, converters of PDF and people write others, and every block
that has bullets (lists, the fields of infoboxes, categories) takes them from the one table here.
"""

from __future__ import annotations

import re

#: The marks of the form.
BULLETS = "-*•"

#: Signs that text processors, converters of PDF and people write for a bullet, and that stand for nothing else there.
BULLET_SIGNS = "·●▪‣◦■□➢➤►▶→∙⁃○◆◇♦✓✔❖\uf0b7\uf0a7\uf0d8"

#: Signs that mark a bullet, and also stand in running text: white space must follow, and lines alike be next to them.
UNSURE_BULLETS = "–—+o"

_BULLET = re.compile(r"(?:[-*•])\s+(?=\S)|•(?=\S)")


def after_bullet(stripped: str) -> str | None:
    """Return what stands behind the bullet of a line without white space at its ends; ``None`` if it has none."""
    matched = _BULLET.match(stripped)
    return stripped[matched.end() :] if matched else None
