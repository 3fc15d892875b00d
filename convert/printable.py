"""Text made safe to show: nothing that a terminal acts upon, nothing that reorders a line, and no secret.

    visible("A\\x1b[31m")              A\\\\x1b[31m
    register("hunter22")
    redacted("no hunter22, %68unter22")     no …, …

Secrets are registered where they are read (passwords, tokens); from then on no message and no text of an error has
them, whatever a server sends back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile

#: What stands in the place of a secret.
REDACTED = "…"
#: Shorter ones are not taken out: in every message something would be missing, and that would tell what.
MIN_SECRET_CHARACTERS = 4
#: So much of the beginning of a secret is taken out as well: an answer may have been cut within it.
_HEAD_CHARACTERS = 12
#: A text may be encoded so many times.
_ENCODED_TIMES = 3

# Replaced and never changed: threads read it.
_secrets: tuple[str, ...] = ()
_forms: re.Pattern[str] | None = None
_JSON_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(["\\/]))')


def visible(text: str) -> str:
    """Show what a terminal would act upon, or not show, by its number: controls, directions, odd spaces."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def json_escaped(text: str) -> str:
    """Escape what ``visible`` shows by its number in the text of a JSON object: the object stays the same."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else json.dumps(character)[1:-1] for character in text)


def register(secret: str) -> None:
    """Take a secret out of every message from now on."""
    global _forms, _secrets
    if len(secret) < MIN_SECRET_CHARACTERS or secret in _secrets:
        return
    _secrets = (*_secrets, secret)
    # The longest first: one secret may be a part of another.
    forms = sorted({form for secret in _secrets for form in _forms_of(secret)}, key=len, reverse=True)
    _forms = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE)


def forget() -> None:
    """Forget all secrets."""
    global _forms, _secrets
    _forms, _secrets = None, ()


def redacted(text: str) -> str:
    """Take registered secrets out of a text, also where they are encoded: percent, base64, HTML, JSON."""
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
                # The rest of it is shown decoded: where in the text the secret stood, nobody knows.
                text = decoded = without
    return text


def redacted_values(value: object) -> object:
    """Take registered secrets out of the strings in what is to become JSON."""
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
        # What base64 makes of it depends on what stands around it, but for the characters in the middle.
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
