"""Text made safe to show: escapes control and bidi characters, redacts secrets.

    visible("A\\x1b[31m")              A\\\\x1b[31m
    register("hunter22")
    redacted("no hunter22, %68unter22")     no …, …

Secrets (passwords, tokens) are registered where they are read; from then on they are redacted in all messages and error
texts, whatever a server sends back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile

from convert.expressions import expression

#: The replacement of a secret.
REDACTED = "…"
#: Shorter secrets are not redacted: gaps all over the messages would reveal them.
MIN_SECRET_CHARACTERS = 4
#: Prefixes of a secret from this length are redacted as well: an answer may be truncated within it.
_HEAD_CHARACTERS = 12
#: How many nested encodings are decoded.
_ENCODED_TIMES = 3

# Replaced, never mutated: threads read it.
_secrets: tuple[str, ...] = ()
_forms: re.Pattern[str] | None = None
_JSON_ESCAPE = expression(r'\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(["\\/]))')


def visible(text: str) -> str:
    """Escape characters that a terminal would interpret or not show: control and bidi characters, unusual spaces."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def json_escaped(text: str) -> str:
    """Escape the same characters as ``visible`` in a JSON text, without changing its value."""
    if text.isprintable():
        return text
    import json  # most texts are printable

    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def register(secret: str) -> None:
    """Redact a secret in every message from now on."""
    global _forms, _secrets
    if len(secret) < MIN_SECRET_CHARACTERS or secret in _secrets:
        return
    _secrets = (*_secrets, secret)
    # The longest first: one secret may be part of another.
    forms = sorted({form for secret in _secrets for form in _forms_of(secret)}, key=len, reverse=True)
    _forms = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE)


def forget() -> None:
    """Forget all secrets."""
    global _forms, _secrets
    _forms, _secrets = None, ()


def redacted(text: str) -> str:
    """Redact registered secrets in a text, also in encoded forms: percent, base64, HTML, JSON."""
    if _forms is None:
        return text
    text = _without(text, _forms)
    for decode in _decoders():
        decoded = text
        for _ in range(_ENCODED_TIMES):
            before, decoded = decoded, decode(decoded)
            if decoded == before:
                break
            if (without := _without(decoded, _forms)) != decoded:
                # The decoded text is shown, because the position of the secret in the encoded text is unknown.
                text = decoded = without
    return text


def redacted_values(value: object) -> object:
    """Redact registered secrets in the strings of a value that will be serialized as JSON."""
    match value:
        case str():
            return redacted(value)
        case Mapping():
            return {name: redacted_values(item) for name, item in value.items()}
        case Sequence() if not isinstance(value, bytes | bytearray):
            return [redacted_values(item) for item in value]
    return value


def _without(text: str, forms: re.Pattern[str]) -> str:
    text = forms.sub(REDACTED, text)
    for secret in _secrets:
        head = secret[:_HEAD_CHARACTERS]
        while len(head) == _HEAD_CHARACTERS and (start := text.find(head)) >= 0:
            same = takewhile(lambda pair: pair[0] == pair[1], zip(secret, text[start:], strict=False))
            text = text[:start] + REDACTED + text[start + sum(1 for _ in same) :]
    return text


def _forms_of(secret: str) -> Iterator[str]:
    from base64 import b64encode  # most runs have no secret

    yield secret
    if secret.strip() != secret and len(secret.strip()) >= MIN_SECRET_CHARACTERS:
        yield secret.strip()
    coded = secret.encode("utf-8", "surrogatepass")
    for before in range(3):
        # The base64 form depends on the alignment, except for the characters in the middle.
        text = b64encode(b"\0" * before + coded).decode().rstrip("=")
        middle = text[-(-before * 8 // 6) : (before + len(coded)) * 8 // 6]
        if len(middle) >= MIN_SECRET_CHARACTERS:
            yield middle
            yield middle.replace("+", "-").replace("/", "_")


def _decoders() -> tuple[Callable[[str], str], ...]:
    from html import unescape
    from urllib.parse import unquote, unquote_plus

    return unquote, unquote_plus, unescape, _json_unescaped


def _json_unescaped(text: str) -> str:
    return _JSON_ESCAPE.sub(lambda match: match[3] or chr(int(match[1] or match[2], 16)), text)
