"""A wiki's profile as a file: what the wiki says of itself, saved once, and read without asking it again.

    {
      "format": "plainwiki-profile-1",
      "api": "https://wiki.example/w/api.php",
      "general": {…}, "namespaces": {…}, "namespacealiases": […], "interwikimap": […]
    }

The form is published as ``convert/schema/profile.schema.json``.  The wiki's own answer is read as well, as a browser or
curl saves it: that of ``action=query&meta=siteinfo&format=json``, in either ``formatversion``, with the four parts that
``PARTS`` names.  The tags of extensions and the renderer of pages are not asked for: whatever looks like a tag is
guarded on any wiki, and what is guarded is guarded for both renderers.

Source: https://www.mediawiki.org/wiki/API:Siteinfo
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from convert.diagnostics import shown
from convert.profile import Alias, General, Interwiki, Namespace, SiteInfo

FORMAT: Final = "plainwiki-profile-1"
_FORMATS = "plainwiki-profile-"
#: What must be known of a wiki (``siprop``).
PARTS = ("general", "namespaces", "namespacealiases", "interwikimap", "extensiontags")
# Files of earlier versions do not have it.
_OPTIONAL = "extensiontags"

_HOW = f"save it with 'plainwiki profile', or ask the wiki for siprop={'|'.join(PARTS)}"


class ProfileFile(SiteInfo, frozen=True, kw_only=True):
    """The file: the wiki, and the address of the api.php that was asked."""

    format: Literal["plainwiki-profile-1"] = FORMAT
    api: str = ""
    general: General
    namespaces: Annotated[Mapping[str, Namespace], Meta(min_length=1)]
    namespacealiases: tuple[Alias, ...]
    interwikimap: tuple[Interwiki, ...]


def write_profile(site: SiteInfo, api: str) -> str:
    """Write the file; ``api`` is the address that was asked."""
    parts = {name: getattr(site, name) for name in PARTS if getattr(site, name) is not None}
    return msgspec.json.format(msgspec.json.encode({"format": FORMAT, "api": api, **parts})).decode() + "\n"


def schema() -> str:
    """Write the JSON Schema of the file."""
    made = msgspec.json.schema(ProfileFile)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:plainwiki:profile:1:schema",
        "title": "plainwiki profile of a wiki, version 1",
    }
    text = json.dumps(head | made, indent=2, ensure_ascii=True) + "\n"
    # The anchors of every other dialect of regular expressions.
    return text.replace(r"\\A", "^").replace(r"\\Z", "$")


def read_profile(text: str) -> SiteInfo:
    """Read a file.  Raises ValueError where it holds no profile: why, and what to do, in words that follow a colon."""
    try:
        answer = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(f"it is not JSON ({error}): {_HOW}") from None
    if not isinstance(answer, dict):
        raise ValueError(f"it is no JSON object: {_HOW}")
    name = answer.get("format")
    parts = answer if name == FORMAT else _answered(answer, name)
    missing = [part for part in PARTS if part not in parts and part != _OPTIONAL]
    if missing:
        raise ValueError(f"it does not say what '{missing[0]}' of the wiki are: {_HOW}")
    try:
        return msgspec.convert({part: parts[part] for part in PARTS if part in parts}, ProfileFile)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no wiki says this of itself: {str(error).replace('`', '')}: {_HOW}") from None


def _answered(answer: Mapping[str, Any], name: object) -> Mapping[str, Any]:
    """Return the parts of a wiki's own answer; raises ValueError for a profile of another version."""
    if isinstance(name, str) and name.startswith(_FORMATS):
        raise ValueError(f"its format is {shown(name)}, and this version reads '{FORMAT}': save it anew")
    if name is not None:
        raise ValueError(f"its format is {shown(str(name))}, which is no profile: {_HOW}")
    query = answer.get("query")
    if not isinstance(query, dict):
        raise ValueError(f"it is neither a profile nor a wiki's answer: {_HOW}")
    return _modernised(query)


def _modernised(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer as in ``formatversion=2``: in 1, names stand under ``*``, and true is an empty string."""
    spaces, aliases = query.get("namespaces"), query.get("namespacealiases")
    if not isinstance(spaces, dict) or not any(isinstance(each, dict) and "*" in each for each in spaces.values()):
        return query
    modern = dict(query)
    modern["namespaces"] = {number: _renamed(each, "name") for number, each in spaces.items()}
    if isinstance(aliases, list):
        modern["namespacealiases"] = [_renamed(each, "alias") for each in aliases]
    general = query.get("general")
    if isinstance(general, dict):
        links = general.get("magiclinks")
        modern["general"] = {**general, "langconversion": "langconversion" in general}
        if isinstance(links, dict):
            modern["general"]["magiclinks"] = {name: value == "" or value for name, value in links.items()}
    return modern


def _renamed(entry: Any, name: str) -> Any:
    return {name: entry["*"], **entry} if isinstance(entry, dict) and "*" in entry else entry
