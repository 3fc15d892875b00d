"""What stands around an article on its page: its neighbours, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from convert.infobox.match import Rule
from convert.preview.rows import Row


class Desk(NamedTuple):
    """What a person can do about an article.

    ``rules`` are those that decide, and ``alike`` how many doubtful infoboxes have the same keys, by the index of the
    infobox; ``objection`` says why its file is not changed here; ``editor`` is the user's; ``left`` is how many
    articles are doubtful.
    """

    rules: Mapping[int, Rule] = MappingProxyType({})
    alike: Mapping[int, int] = MappingProxyType({})
    objection: str = ""
    editor: str = ""
    left: int = 0


class ArticleContext(NamedTuple):
    """What stands around an article: the rows before and behind it, its edition, what can be done about it."""

    neighbours: tuple[Row | None, Row | None]
    edition: int = 0
    desk: Desk = Desk()
