"""Bytes from a wiki to a typed record, at a cost bounded by the request."""

from __future__ import annotations

import re
from itertools import islice
from typing import TypeVar

import msgspec
from msgspec import Raw

from convert.expressions import expression

Shape = TypeVar("Shape")

#: The largest answers, by kind of request.  A wiki's own limit is 8 MiB of text ($wgAPIMaxResultSize), which JSON may
#: double; sites with larger pages raise it.
LITTLE_BYTES, LISTS_BYTES, TEXTS_BYTES = 1 << 20, 16 << 20, 64 << 20
#: More values than any answer needs; a value takes more memory than its bytes.
MAX_VALUES = 1 << 20


class Misshapen(ValueError):
    """An answer does not have the shape of MediaWiki's; the message says what is wrong."""


def decoded(body: bytes, shape: type[Shape]) -> Shape:
    """Decode an answer.  Raises Misshapen, and nothing else, whatever the input."""
    try:
        return msgspec.json.decode(body, type=shape)
    except RecursionError:
        raise Misshapen("it is nested too deep") from None
    except ValueError as error:  # of JSON, of UTF-8, or of the shape
        raise Misshapen(str(error)) from None


def names_of(body: bytes) -> frozenset[str]:
    """Return the names in a JSON object, or none for anything else.  Raises Misshapen where it is nested too deep.

    The values are skipped.
    """
    try:
        return frozenset(msgspec.json.decode(body, type=dict[str, Raw]))
    except RecursionError:
        raise Misshapen("it is nested too deep") from None
    except ValueError:
        return frozenset()


_VALUE = expression(rb'"(?:[^"\\]++|\\.)*+"|[\[{,]', re.DOTALL)


def is_too_full(body: bytes, most: int = MAX_VALUES) -> bool:
    """Return whether JSON holds more than about ``most`` values, in constant memory."""
    return next(islice(_VALUE.finditer(body), most, None), None) is not None
