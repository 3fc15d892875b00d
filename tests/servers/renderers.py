"""The releases and renderers of MediaWiki on which pages are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from convert.profile import WikiProfile
from tests.servers.wiki import MEDIAWIKI, NEXT_MEDIAWIKI, Wiki

_PARSOID = {"TEST_WIKI_PARSOID": "1"}
_LEGACY = {"TEST_WIKI_PARSOID": ""}
_CHINESE = {"TEST_WIKI_LANGUAGE": "zh"}


class Renderer(NamedTuple):
    """One release of MediaWiki, one of its renderers, and what the wiki says of itself."""

    name: str
    wiki: Wiki
    settings: Mapping[str, str]
    profile: WikiProfile = WikiProfile()


def release_of(installation: Path) -> str:
    """Return the release of an installed MediaWiki: ``"1.39"``."""
    defines = installation / "includes" / "Defines.php"
    found = re.search(r"'MW_VERSION', '(\d+\.\d+)", defines.read_text(encoding="utf-8"))
    assert found
    return found[1]


@contextmanager
def renderers(folder: Path) -> Iterator[list[Renderer]]:
    """Install the releases that are there; give every renderer of each, in English and in a language with variants."""
    found: list[Renderer] = []
    variants = WikiProfile(language="zh", language_converter=True)
    with ExitStack() as wikis:
        for installation in (MEDIAWIKI, NEXT_MEDIAWIKI):
            if not installation.exists():
                continue
            release = release_of(installation)
            state = folder / release
            state.mkdir()
            wiki = wikis.enter_context(Wiki(state, installation=installation))
            # Before 1.42 Parsoid is no renderer of pages.
            for name, settings in {"legacy": _LEGACY, **({} if release < "1.42" else {"Parsoid": _PARSOID})}.items():
                found.append(Renderer(f"{release} {name}", wiki, settings))
                found.append(Renderer(f"{release} {name}, zh", wiki, {**settings, **_CHINESE}, variants))
        yield found
