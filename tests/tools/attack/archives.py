"""Archives and compressed files with wrong headers, sizes, names and dates, truncated, nested and concatenated.

Checksums are recomputed after a change, so that the header is read and not rejected.
"""

from __future__ import annotations

import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from convert.io import compression
from tests.tools.attack import beside

SUFFIXES = {"": "", ".gz": "gz", ".bz2": "bz2", ".zst": "zst", ".xz": "xz"}
NAMES = (
    "m.txt", "n.txt", "o.txt", "../../up.txt", "/etc/abs.txt", "", ".", "a\\b.txt", "a\nb\x1b[31m.txt", "d/",
    "x" * 3000 + ".txt", "i.zip", "i.tar.gz", "\u202etxt.txt", "a/../b.jsonl", "c.json", "p.parquet", "n\0n.txt",
    ".hidden.txt", "k.txt.zst", "l.jsonl.gz", "wiki_00", "part.01.bz2", "r.md", "s.csv",
)  # fmt: skip
TEXT = b"Text of it.\n"


def pack(content: bytes, packing: str) -> bytes:
    """Compress bytes as what is read may be."""
    return lzma.compress(content) if packing == "xz" else compression.pack(content, packing)


_NUMBERS = (
    0, 1, 5, 511, 512, 513, 0o7777, 1 << 16, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 33, (1 << 63) - 1, 1 << 63,
    (1 << 64) - 1,
)  # fmt: skip


def attack(chance: random.Random, folder: Path) -> None:
    """Make one hostile archive."""
    make = chance.choice((_tar, _tar, _zip, _zip, _packed))
    suffix, content = make(chance)
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        content = chance.choice(_BYTES)(chance, content)
    beside.check(folder, f"hostile{suffix}", content)


# ── tar


def _tar(chance: random.Random) -> tuple[str, bytes]:
    packing = chance.choice(list(SUFFIXES))
    blocks: list[bytes] = []
    for _ in range(chance.randrange(1, 5)):
        blocks += chance.choice((_member, _member, _odd_member, _extended, _long_name))(chance)
    content = b"".join(blocks) + bytes(chance.choice((0, 512, 1024, 10240)))
    return f".tar{packing}", pack(content, SUFFIXES[packing])


def _header(chance: random.Random, size: int, kind: bytes, changes: int) -> bytes:
    member = tarfile.TarInfo(chance.choice(NAMES)[:90] or "e.txt")
    member.size, member.type = size, kind
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")[-512:])
    for _ in range(changes):
        start, end = chance.choice(((100, 108), (108, 116), (124, 136), (124, 136), (136, 148), (257, 265), (345, 500)))
        header[start:end] = _number(chance, end - start)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def _number(chance: random.Random, size: int) -> bytes:
    """Write a number as in headers, octal or base 256, or something that is not a number."""
    number = chance.choice(_NUMBERS)
    if chance.random() < 0.3:
        return chance.choice((b"-1", b"9z", b" ", b"\0", b"+5", b"0x10")).ljust(size, b"\0")[:size]
    if chance.random() < 0.5:
        return b"%0*o\0" % (size - 1, number % 8 ** (size - 1))
    sign = chance.choice((0x80, 0xFF))
    wide = (number if sign == 0x80 else -number) % (1 << 8 * (size - 1))
    return bytes([sign]) + wide.to_bytes(size - 1, "big")


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def _member(chance: random.Random) -> list[bytes]:
    content = _content(chance)
    return [_header(chance, len(content), tarfile.REGTYPE, chance.choice((0, 0, 0, 0, 1, 2))), _padded(content)]


def _odd_member(chance: random.Random) -> list[bytes]:
    kind = chance.choice((b"1", b"2", b"3", b"5", b"7", b"S", b"D", b"M", b"V", b"g", b"\0", b"\xff", b"A"))
    return [_header(chance, len(TEXT), kind, chance.choice((0, 1))), _padded(TEXT)]


def _extended(chance: random.Random) -> list[bytes]:
    """Make a pax header with wrong lengths or values, and a member after it."""
    lines = b""
    for _ in range(chance.randrange(1, 5)):
        key = chance.choice((b"size", b"path", b"mtime", b"GNU.sparse.realsize", b"GNU.sparse.size", b"linkpath", b"x"))
        value = chance.choice((
            b"-512", b"9" * 5000, b"1e9", b"nan", b"inf", b"-1", b"", b"\xff\xfe", b"0", b"24", b"../../x.txt", b"1_0",
            "٣".encode(), b"x" * 70_000 + b".txt", str(1 << 63).encode(), str((1 << 63) - 1).encode(), b"a=b\nc=d.txt",
        ))  # fmt: skip
        line = key + b"=" + value + b"\n"
        size = chance.choice((len(line) + 6, len(line) + 6, 0, 1, 3, 10**6))
        lines += b"%05d " % size + line if chance.random() < 0.9 else b"9" * 5000 + b" " + line
    kind = chance.choice((tarfile.XHDTYPE, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE))
    return [_header(chance, len(lines), kind, 0), _padded(lines), *_member(chance)]


def _long_name(chance: random.Random) -> list[bytes]:
    name = chance.choice(NAMES).encode() * chance.choice((1, 1, 400))
    kind = chance.choice((tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK))
    return [_header(chance, len(name), kind, chance.choice((0, 1))), _padded(name), *_member(chance)]


def _content(chance: random.Random) -> bytes:
    return chance.choice(
        (TEXT, TEXT, TEXT, b"", b"{}", bytes(100), b"\xff\xfe", TEXT * 100, pack(TEXT, "gz"), _small_zip())
    )


# ── zip


def _small_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("n.txt", TEXT)
    return buffer.getvalue()


def _zip(chance: random.Random) -> tuple[str, bytes]:
    """Write the records of a zip file, each with some wrong fields."""
    content, directory = bytearray(), bytearray()
    count = chance.randrange(1, 5)
    for _ in range(count):
        text = _content(chance)
        method = chance.choice((0, 8, 8, 8, 12, 99))
        packed = _deflated(text) if method == 8 else text
        name = chance.choice(NAMES).encode()[:0xFFFF]
        start = len(content)
        extra = _extra(chance)
        sizes = [zlib.crc32(text), len(packed), len(text)]
        flags = chance.choice((0, 0, 0, 1, 8, 1 << 11))
        date, time = chance.choice((0, 33, 0xFFFF, 0x5A21)), chance.choice((0, 0xFFFF, 0x6000))
        local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, flags, method, time, date, *sizes, len(name), len(extra))
        content += local + name + extra + packed
        fields = [20, 20, flags, method, time, date, *sizes, len(name), len(extra), 0, 0, 0, 0, start]
        for _ in range(chance.choice((0, 0, 1, 2))):
            at = chance.choice((0, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 10, 11, 12, 14, 15, 15))
            fields[at] = chance.choice(_NUMBERS) & (0xFFFF if at < 6 or 9 <= at <= 13 else 0xFFFFFFFF)
        directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", *fields) + name + extra
    start, size = len(content), len(directory)
    if chance.random() < 0.1:
        content += directory * chance.randrange(2, 300)
    end = [0, 0, count, count, size, start, 0]
    tail = b""
    if chance.random() < 0.3:
        long = [chance.choice((44, *_NUMBERS)), 45, 45, 0, 0, count, count, size, start]
        if chance.random() < 0.5:
            long[chance.choice((0, 5, 6, 7, 8))] = chance.choice(_NUMBERS) & ((1 << 64) - 1)
        place = start + size if chance.random() < 0.7 else chance.choice(_NUMBERS)
        tail = struct.pack("<4sQ2H2I4Q", b"PK\6\6", *long) + struct.pack("<4sIQI", b"PK\6\7", 0, place, 1)
        tail = tail[chance.choice((0, 0, 0, 10, 60)) :]
        end[5] = chance.choice((0xFFFFFFFF, start))
        end[2] = end[3] = chance.choice((0xFFFF, count))
    elif chance.random() < 0.3:
        at = chance.choice((2, 3, 4, 5, 6))
        end[at] = chance.choice(_NUMBERS) & (0xFFFF if at in (2, 3, 6) else 0xFFFFFFFF)
    return ".zip", bytes(content + directory + tail + struct.pack("<4s4H2IH", b"PK\5\6", *end))


def _deflated(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text) + packer.flush()


def _extra(chance: random.Random) -> bytes:
    if chance.random() < 0.6:
        return b""
    length = chance.choice((0, 1, 7, 8, 16, 24, 28, 0xFFFF))
    numbers = struct.pack("<3Q", *(chance.choice(_NUMBERS) & ((1 << 64) - 1) for _ in range(3)))
    return struct.pack("<2H", chance.choice((1, 1, 0x5455)), length) + numbers[: chance.choice((0, 3, 8, 24))]


# ── Packed


def _packed(chance: random.Random) -> tuple[str, bytes]:
    """Concatenate compressed files, with empty ones, padding and garbage between them."""
    suffix = chance.choice(list(SUFFIXES)[1:])
    packing = SUFFIXES[suffix]
    empty = {"gz": zlib.compress(b"", wbits=31), "bz2": bytes.fromhex("425a683917724538509000000000")}
    empty["zst"] = bytes.fromhex("28b52ffd2000010000")
    empty["xz"] = lzma.compress(b"")
    parts = []
    for _ in range(chance.randrange(1, 6)):
        text = chance.choice((TEXT, bytes(chance.choice((10, 1 << 20))), b"word " * 5000))
        parts += [pack(text, packing), empty[packing] * chance.choice((0, 1, 500)), bytes(chance.choice((0, 0, 600)))]
        parts += [chance.choice((b"", b"", b"", chance.randbytes(20)))]
    kind = chance.choice((".txt", ".jsonl", ".json", ".tar", ".xml"))
    return f"{kind}{suffix}", b"".join(parts)


# ── Bytes


def _cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _flipped(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 20)) if content else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _twice(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content + content[at:]


def _before(chance: random.Random, content: bytes) -> bytes:
    return chance.randbytes(chance.choice((1, 512))) + content


_BYTES: tuple[Callable[[random.Random, bytes], bytes], ...] = (_cut, _flipped, _twice, _before)
