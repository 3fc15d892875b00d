"""Files over the Action API: which there are, by their SHA-1, and uploads.

A large file is sent in chunks, which the wiki keeps until all are there.  A warning of the wiki is a refusal: whether a
file may have the name of another, or be there twice, is for a person to say.

Sources: https://www.mediawiki.org/wiki/API:Upload, https://www.mediawiki.org/wiki/API:Imageinfo
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import BinaryIO

from msgspec import Struct

from convert.printable import visible
from convert.upload.client.api import ApiError
from convert.upload.client.decoding import LISTS_BYTES
from convert.upload.client.front.failures import Lost
from convert.upload.client.pages import Refused
from convert.upload.client.saving import TRIES, refused, unanswered
from convert.upload.client.session import Session, listed
from convert.upload.client.shapes import Number, Query

#: Larger files are sent in chunks of so many bytes: servers in front of a wiki often take no more than 1 MiB.
CHUNK_BYTES = 900 << 10

_TITLES = 50
_MOST_NAMES = 5

_WARNINGS = {
    "exists": "the wiki has another file of this name",
    "exists-normalized": "the wiki has a file of almost this name",
    "duplicate": "the wiki has the same file under another name",
    "duplicate-archive": "the same file was deleted there",
    "was-deleted": "a file of this name was deleted there",
    "badfilename": "the wiki would give it another name",
    "page-exists": "there is a page of this name without a file",
}


class MediaFile(Struct, frozen=True):
    """A file to send: its title with the namespace, its content, size, and SHA-1 (hexadecimal), and its page's text."""

    title: str
    content: BinaryIO
    size: int
    sha1: str
    text: str

    @property
    def name(self) -> str:
        """Its name without the namespace."""
        return self.title.partition(":")[2]


class _Info(Struct, frozen=True):
    sha1: str = ""


class _Page(Struct, frozen=True):
    title: str
    imageinfo: list[_Info] = []


class _Pages(Struct, frozen=True):
    pages: list[_Page] = []


class _Result(Struct, frozen=True):
    result: str
    filekey: str = ""
    offset: Number = 0
    warnings: Mapping[str, object] | list[object] = {}


class _Answer(Struct, frozen=True):
    upload: _Result


class Media:
    """The files of a wiki; ``marks`` are the fields that mark every upload."""

    def __init__(self, session: Session, marks: Mapping[str, str]) -> None:
        self._session, self._marks = session, marks

    def sha1s(self, titles: Sequence[str]) -> dict[str, str]:
        """Return the SHA-1 of those files that exist, hexadecimal, by title."""
        found: dict[str, str] = {}
        for start in range(0, len(titles), _TITLES):
            asked = {"action": "query", "prop": "imageinfo", "iiprop": "sha1"}
            asked["titles"] = listed(titles[start : start + _TITLES])
            answer = self._session.read(Query[_Pages], asked, LISTS_BYTES).query
            found |= {page.title: page.imageinfo[0].sha1 for page in answer.pages if page.imageinfo}
        return found

    def send(self, file: MediaFile, summary: str) -> Refused | None:
        """Upload a file; return why the wiki refuses it.  After a lost answer, the wiki is asked before a retry."""
        refusal = Refused("unanswered", "the wiki does not answer")
        for _ in range(TRIES):
            try:
                result = self._sent(file, summary)
            except ApiError as error:
                refusal = refused(error.failure)
                if not refusal.code.startswith("stash"):
                    return refusal
            except Lost as lost:
                refusal = unanswered(lost)
                self._session.look()
            else:
                if result.result == "Success":
                    return None
                refusal = _warned(result)
            if self.sha1s([file.title]).get(file.title) == file.sha1:
                return None
            if refusal.code in _WARNINGS:
                return refusal
        return refusal

    def _sent(self, file: MediaFile, summary: str) -> _Result:
        fields = {"action": "upload", "filename": file.name, "comment": summary, "text": file.text, **self._marks}
        file.content.seek(0)
        if file.size <= CHUNK_BYTES:
            return self._session.write(_Answer, fields, {"file": file.content.read()}).upload
        return self._session.write(_Answer, {**fields, "filekey": self._stashed(file)}).upload

    def _stashed(self, file: MediaFile) -> str:
        """Send a file in chunks; return the key by which the wiki keeps it."""
        key, offset = "", 0
        while True:
            file.content.seek(offset)
            chunk = file.content.read(CHUNK_BYTES)
            fields = {
                "action": "upload", "stash": "1", "filename": file.name, "filesize": str(file.size),
                "offset": str(offset),
            }  # fmt: skip
            fields |= {"filekey": key} if key else {}
            answer = self._session.write(_Answer, fields, {"chunk": chunk}).upload
            key = answer.filekey or key
            if answer.result != "Continue" or not chunk:
                return key
            offset = answer.offset if offset < answer.offset <= file.size else offset + len(chunk)


def _warned(result: _Result) -> Refused:
    """Return the refusal of a file that the wiki warns of."""
    warnings = result.warnings if isinstance(result.warnings, Mapping) else {}
    code = next((name for name in _WARNINGS if name in warnings), next(iter(warnings), "unknown"))
    about = warnings.get(code, "")
    names = about if isinstance(about, list) else [about]
    told = ", ".join(visible(name[:200]) for name in names[:_MOST_NAMES] if isinstance(name, str))
    reason = _WARNINGS.get(code, "the wiki warns of it")
    return Refused(visible(code[:60]), f"{reason}: {told}" if told else reason)
