"""What becomes of files, as data: lines of a plan beside the steps for pages."""

from __future__ import annotations

from msgspec import Struct


class SendFile(Struct, frozen=True, tag_field="step", tag="file", omit_defaults=True):
    """Send the file at ``path``, as it was when it was planned: its size, and its SHA-1 (hexadecimal).

    ``licence`` is the text that says under which licence it is.
    """

    title: str
    path: str
    size: int
    sha1: str
    licence: str = ""


class LackFile(Struct, frozen=True, tag_field="step", tag="no-file"):
    """A file that pages name and the wiki will not have."""

    title: str
    why: str


FileStep = SendFile | LackFile
