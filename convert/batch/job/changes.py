"""What has changed since the previous run: fingerprints of the inputs of shards, and the options that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from convert.inputs.piece import Shard


def fingerprinted(shards: Iterable[Shard], numbered: bool) -> Iterator[Shard]:
    """Yield shards with fingerprints of their inputs; if ``numbered``, of their numbers too."""
    for shard in shards:
        digest = blake2b(f"{shard.number}".encode() if numbered else b"", digest_size=16)
        for piece in shard.pieces:
            place = f"{piece.path}\0{piece.source}\0{piece.stamp}"
            stretch = f"{place}\0{piece.start}\0{piece.end}\0{piece.line}\0{piece.refusal or ''}\n"
            digest.update(stretch.encode("utf-8", "surrogatepass"))
            if piece.content is not None and not piece.stamp:
                digest.update("".join(piece.frame).encode() + piece.content)
        yield shard._replace(fingerprint=digest.hexdigest())


def changed_options(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the names of options that differ, each with its old and new value."""
    names = sorted({*old, *new})
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]
