"""The file of a dictionary: what it holds, and a dictionary that reads it where it lies.

    magic                      MAGIC
    tries                      the entries, in stretches
    arrays                     for each stretch, see ``Arrays``
    openings                   a table, see ``convert.links.finding.openings``
    header                     JSON, see ``Header``
    END                        size of the header, its checksum, version of the format, MAGIC again

All numbers are little-endian.  Entries are numbered as ``convert.links.tries`` does; targets and pages are numbers of
entries.  What was read is never unpickled.  The bytes before the header have a checksum, too (CRC-32: against damage,
not against malice); whatever a file claims is checked against its size.
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from zlib import crc32

import msgspec
from msgspec import Struct

from convert.diagnostics import excerpt
from convert.errors import EnvironmentFailed
from convert.links.dictionary import ALL_TARGETS, Anchor, Linkers, closeness
from convert.links.finding.openings import Openings
from convert.links.folding import capitalised, first_letter_changed
from convert.links.tries import ABSENT, Stretch, Tries, trie_of
from convert.links.words import words
from convert.profile import Case
from convert.titles import folded

MAGIC = b"plainwiki links\n"
VERSION = 3
END = struct.Struct("<QIH16s")

#: The number that stands for no page.
NONE = 0xFFFFFFFF
#: The longest header: enough for the stretches of a hundred million entries.
_MAX_HEADER = 64 << 20
#: A stretch of a text is searched for entries up to this length; no title is longer.
MAX_ENTRY = 255
_ITEM_BYTES = 4
_CHECKED_AT_ONCE = 1 << 22

_NOTHING: frozenset[str] = frozenset()
_AGAIN = "learn it anew with 'plainwiki links learn'"


class Arrays(Struct, frozen=True):
    """Where the arrays of a stretch begin in the file, and how many items the last ones have.

    ``linked``, ``seen`` and ``page`` have an item for each entry, ``targets`` and ``linkers`` one more: where its items
    begin among ``pairs`` (target, count) and ``samples``; ``linking`` the number of linkers.
    """

    linked: int
    seen: int
    page: int
    targets: int
    pairs: int
    linking: int
    linkers: int
    samples: int
    pair_count: int
    sample_count: int


class Place(Struct, frozen=True):
    """A stretch of entries in the file: where its trie is, and its arrays."""

    stretch: Stretch
    trie: tuple[int, int]
    arrays: Arrays


class Header(Struct, frozen=True):
    """What a dictionary says of itself.

    ``source`` is what it was learnt from, ``until`` the time of the latest revision there, ``articles`` how many
    articles were read, ``pages`` how many pages are known; ``openings`` where their table is, and its size.  Of mere
    ``titles`` no links were counted: then ``seen`` tells in how many of the articles they are named, and ``namings``
    how many that is in all.  ``state`` is the fingerprint of a wiki when its titles were read.
    """

    language: str = ""
    case: Case = "first-letter"
    source: str = ""
    until: str = ""
    articles: int = 0
    pages: int = 0
    titles: bool = False
    namings: int = 0
    state: str = ""
    checksum: int = 0
    places: tuple[Place, ...] = ()
    openings: tuple[int, int] = (len(MAGIC), 1)


class UnreadableDictionary(EnvironmentFailed):
    """A file is no dictionary that can be read."""


def ending(header: Header) -> bytes:
    """Return the end of a file: the header and what follows it."""
    text = msgspec.json.encode(header)
    return text + END.pack(len(text), crc32(text), VERSION, MAGIC)


def header_of(content: memoryview, name: str) -> Header:
    """Read the header; ``name`` is that of the file, for messages.  Raises UnreadableDictionary."""
    if content[: len(MAGIC)] != MAGIC:
        raise UnreadableDictionary(f"{name} is no dictionary of links: {_AGAIN}")
    if sys.byteorder != "little":
        raise UnreadableDictionary(f"{name} has its numbers the other way round than this machine: use another one")
    rest = len(content) - END.size
    if rest < len(MAGIC):
        raise _damaged(name, "it ends in the middle")
    size, checksum, version, magic = END.unpack_from(content, rest)
    if magic != MAGIC:
        raise _damaged(name, "it ends in the middle")
    if version != VERSION:
        raise UnreadableDictionary(f"{name} has the format {version}, and this version reads {VERSION}: {_AGAIN}")
    if size > min(rest - len(MAGIC), _MAX_HEADER):
        raise _damaged(name, "its header is longer than the file")
    text = content[rest - size : rest]
    if crc32(text) != checksum:
        raise _damaged(name, "the checksum of its header is wrong")
    try:
        header = msgspec.json.decode(text, type=Header)
    except msgspec.MsgspecError as error:
        raise _damaged(name, f"its header is {excerpt(str(error))}") from None
    _check(header, rest - size, name)
    return header


def check_content(content: memoryview, header: Header, name: str) -> None:
    """Raise UnreadableDictionary where the content is not that of the checksum."""
    size = END.unpack_from(content, len(content) - END.size)[0]
    sum_ = 0
    end = len(content) - END.size - size
    for at in range(0, end, _CHECKED_AT_ONCE):
        sum_ = crc32(content[at : min(end, at + _CHECKED_AT_ONCE)], sum_)
    if sum_ != header.checksum:
        raise _damaged(name, "its checksum is wrong")


def _check(header: Header, end: int, name: str) -> None:
    """Raise UnreadableDictionary where something is said to lie outside of the file."""
    at, size = header.openings
    if at < len(MAGIC) or size < 1 or size & (size - 1) or at + size > end:
        raise _damaged(name, "its table of first words has an impossible size")
    for place in header.places:
        arrays, count = place.arrays, place.stretch.count
        sizes = ((place.trie[0], place.trie[1]), *((at, _ITEM_BYTES * number) for at, number in _arrays(arrays, count)))
        if count < 1 or any(at < len(MAGIC) or size < 0 or at + size > end for at, size in sizes):
            raise _damaged(name, "it says that it is longer than it is")


def _arrays(arrays: Arrays, count: int) -> Iterator[tuple[int, int]]:
    """Yield where each array begins, and how many items it has."""
    for at in (arrays.linked, arrays.seen, arrays.page, arrays.linking):
        yield at, count
    for at in (arrays.targets, arrays.linkers):
        yield at, count + 1
    yield arrays.pairs, 2 * arrays.pair_count
    yield arrays.samples, arrays.sample_count


def _damaged(name: str, why: str) -> UnreadableDictionary:
    return UnreadableDictionary(f"{name} is damaged ({why}): copy it once more, or {_AGAIN}")


class _Columns:
    """The arrays of a stretch."""

    def __init__(self, content: memoryview, arrays: Arrays, count: int) -> None:
        views = [content[at : at + _ITEM_BYTES * number].cast("I") for at, number in _arrays(arrays, count)]
        self.linked, self.seen, self.page, self.linking, self.targets, self.linkers, self.pairs, self.samples = views


class Stored:
    """A dictionary in a file; ``content`` are its bytes, as a map of the file has them.

    Making one takes no time; ``check_content`` reads it all.
    """

    def __init__(self, content: memoryview, name: str) -> None:
        self.header = header_of(content, name)
        self._name = name
        self.language = self.header.language
        self._capitalises = self.header.case == "first-letter"
        self.closeness = closeness(self.header.namings, self.header.articles, self.header.pages)
        at, size = self.header.openings
        self.openings = (Openings(content[at : at + size]),)
        self._tries = Tries()
        self._columns: list[_Columns] = []
        self._bases: list[int] = []
        for place in self.header.places:
            at, size = place.trie
            self._bases.append(self._tries.count)
            try:
                trie = trie_of().map(content[at : at + size])
            except (RuntimeError, ValueError, OSError, MemoryError):
                raise _damaged(name, "its entries cannot be read") from None
            if len(trie) != place.stretch.count:
                raise _damaged(name, "it has another number of entries than it says")
            self._tries.add(place.stretch, trie)
            self._columns.append(_Columns(content, place.arrays, place.stretch.count))

    def prefixes(self, text: str) -> list[str]:
        """See ``Dictionary``."""
        text = text[:MAX_ENTRY]
        found = self._tries.prefixes(text)
        other = self._changed(text)
        entries = [entry for entry, _ in found]
        if other != text and (more := self._tries.prefixes(other)):
            entries = sorted([*entries, *(entry for entry, _ in more)], key=len)
        return entries if text[:1].isalnum() else [entry for entry in entries if words(entry)]

    def has(self, text: str) -> bool:
        """See ``Dictionary``."""
        return self._tries.number(text) != ABSENT or self._tries.number(self._changed(text)) != ABSENT

    def anchor(self, text: str, most: int = ALL_TARGETS) -> Anchor | None:
        """See ``Dictionary``."""
        number = self._tries.number(text)
        if number == ABSENT:
            return None
        columns, at = self._at(number)
        pairs = columns.pairs[2 * columns.targets[at] : 2 * columns.targets[at + 1]].tolist()
        numbers, counts = pairs[::2], pairs[1::2]
        capital = capitalised(text, self.language) if self._capitalises else text
        page = self._page(number if capital == text else self._tries.number(capital))
        if page != NONE and page not in numbers:
            counted = len(counts) - counts.count(0)
            numbers.insert(counted, page)
            counts.insert(counted, 0)
        if not numbers:
            return None
        del numbers[most:], counts[most:]
        titles = list(map(self._title, numbers))
        missing = [title for title, target in zip(titles, numbers, strict=True) if self._page(target) == NONE]
        targets = tuple(zip(titles, counts, strict=True))
        unknown = frozenset(missing) if missing else _NOTHING
        if self.header.titles:
            return Anchor(0, 0, targets, unknown, columns.seen[at])
        return Anchor(columns.linked[at], columns.seen[at], targets, unknown)

    def page(self, title: str) -> str | None:
        """See ``Dictionary``."""
        page = self._page(self._number_of(title))
        return None if page == NONE else self._title(page)

    def linkers(self, title: str) -> Linkers:
        """See ``Dictionary``."""
        number = self._number_of(title)
        if number == ABSENT:
            return Linkers()
        columns, at = self._at(number)
        sample = columns.samples[columns.linkers[at] : columns.linkers[at + 1]]
        return Linkers(columns.linking[at], sample)

    def _changed(self, text: str) -> str:
        return first_letter_changed(text, self.language) if self._capitalises else text

    def _page(self, number: int) -> int:
        """Return the number of the page that a title leads to; ``NONE`` where no page is known."""
        if number == ABSENT:
            return NONE
        columns, at = self._at(number)
        return columns.page[at]

    def _number_of(self, title: str) -> int:
        plain = folded(title)
        return self._tries.number(capitalised(plain, self.language) if self._capitalises else plain)

    def _title(self, number: int) -> str:
        try:
            return self._tries.string(number)
        except KeyError:
            raise _damaged(self._name, "a target is no entry") from None

    def _at(self, number: int) -> tuple[_Columns, int]:
        stretch = bisect_right(self._bases, number) - 1
        return self._columns[stretch], number - self._bases[stretch]


class Rows:
    """The arrays of a stretch in the making: what is known of each of its entries is put in by numbers."""

    def __init__(self, count: int) -> None:
        self._linked, self._seen, self._page, self._linking = (array("I", bytes(_ITEM_BYTES * count)) for _ in range(4))
        self._pairs_of: list[Sequence[int]] = [()] * count
        self._samples_of = [b""] * count

    def put(self, at: int, counts: tuple[int, int, int], page: int, pairs: Sequence[int], sample: bytes) -> None:
        """Put in what is known of an entry.

        ``counts`` are in how many articles it is linked and seen, and how many link to it; ``pairs`` its targets, each
        with its count behind it; ``sample`` the least hashes of its linkers, in the bytes of an array.
        """
        self._linked[at], self._seen[at], self._linking[at] = counts
        self._page[at] = page
        self._pairs_of[at] = pairs
        self._samples_of[at] = sample

    def placed(self, at: int) -> tuple[Arrays, list[bytes]]:
        """Return the bytes of the arrays, which follow each other, and where each is if they begin at an offset."""
        targets = array("I", accumulate((len(own) // 2 for own in self._pairs_of), initial=0))
        linkers = array("I", accumulate((len(own) // _ITEM_BYTES for own in self._samples_of), initial=0))
        pairs, samples = array("I", chain.from_iterable(self._pairs_of)), b"".join(self._samples_of)
        # Not longer in memory than they are needed.
        self._pairs_of, self._samples_of = [], []
        counts = {"pair_count": len(pairs) // 2, "sample_count": len(samples) // _ITEM_BYTES}
        arrays = {
            "linked": bytes(self._linked), "seen": bytes(self._seen), "page": bytes(self._page),
            "targets": bytes(targets), "pairs": bytes(pairs), "linking": bytes(self._linking),
            "linkers": bytes(linkers), "samples": samples,
        }  # fmt: skip
        starts = dict(zip(arrays, accumulate(map(len, arrays.values()), initial=at), strict=False))
        return Arrays(**starts, **counts), list(arrays.values())
