"""What a record says in an infobox.

    {"Born": "1922", "Works": ["a", "b"]}                       fields; an object in them is a group of fields
    [{"key": "Born", "value": "1922"}, …], [["Born", "1922"], …], [{"Born": "1922"}, …], ["Born: 1922", …]
    {"template": "Infobox person", "fields": …}, {"Infobox person": {…}}, "Infobox person"
    "Born: 1922\\nDied: …", "{\\"Born\\": \\"1922\\"}"
    {"name": "Infobox person", "has_parts": [{"name": "Born", "value": "1922"}]}   the interface of Wikimedia Enterprise

Several infoboxes are a list of such objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from convert.ast import Field, Infobox
from convert.expressions import expression
from convert.infobox.catalogue import shipped
from convert.infobox.labels import is_key_of_any, is_usual_key
from convert.readers.records.syntax import NotJson, decoded

#: Members that name the template whatever else there is.
_TEMPLATE_KEYS = frozenset(
    ("template", "template_name", "name of template", "infobox_type", "infobox_template", "infobox_name", "infobox",
     "_template", "_type", "__template__")
)  # fmt: skip
#: Members that do so if they say "Infobox …", or what is known to be an infobox.
_MAYBE_TEMPLATE_KEYS = frozenset(("type", "name"))
_CONTAINER_KEYS = ("fields", "data", "parameters", "params", "attributes", "rows", "items", "properties", "has_parts",
                   "values", "content")  # fmt: skip
_KEY_KEYS = ("key", "name", "label", "field", "property", "parameter", "attribute", "title")
_VALUE_KEYS = ("value", "values", "text", "data", "content")
_PREFIX = expression(r"(?i)infobox(?![^\W_])")
_TEXT_FIELD = expression(r"(?:[-*•|]\s*)?([^:=|{}\[\]]{1,80}?)\s*(?::(?!//)|=)\s*(.*)")
_SIGN = expression("[:=]")
_MAX_DEPTH = 8

# A key and its values.
_Row = tuple[str, tuple[str, ...]]


class _Odd(Exception):
    """No infobox can be made of a value."""


def infoboxes_of(value: Any, template: str = "") -> tuple[Infobox, ...] | None:
    """Read the infoboxes of a record; ``template`` is that of the first.  ``None`` if they cannot be read."""
    try:
        infoboxes = tuple(_infoboxes(value))
    except _Odd:
        return None
    if infoboxes and template and infoboxes[0].template is None:
        infoboxes = (Infobox(infoboxes[0].fields, _as_template(template)), *infoboxes[1:])
    return infoboxes


def _infoboxes(value: Any) -> Iterator[Infobox]:
    if isinstance(value, str):
        yield from _of_text(value)
    elif isinstance(value, Mapping):
        yield _of_object(value)
    elif isinstance(value, list) and value:
        if all(isinstance(item, Mapping) and not _pair_of(item) and len(item) != 1 for item in value):
            for item in value:
                yield _of_object(item)
        else:
            yield Infobox(_fields(_rows(value, 0)))
    elif value is not None and value != []:
        raise _Odd


def _of_text(text: str) -> Iterator[Infobox]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return
    if lines[0].startswith(("{", "[")):
        yield from _infoboxes(_object_in(text))
        return
    head = ""
    if (_PREFIX.match(lines[0]) and ":" not in lines[0] and "=" not in lines[0]) or (
        len(lines) == 1 and _is_known(lines[0])
    ):
        head = lines.pop(0)
    rows = [_TEXT_FIELD.fullmatch(line) for line in lines]
    if not all(rows) or not (head or rows):
        raise _Odd
    template = None if head.lower() in ("", "infobox") else _as_template(head)
    yield Infobox(_fields((row[1], _lines(row[2])) for row in rows if row), template)


def _object_in(text: str) -> Any:
    try:
        value = decoded(text, 1, lambda _: None)
    except NotJson:
        raise _Odd from None
    if isinstance(value, str):
        raise _Odd
    return value


def _of_object(value: Mapping[str, Any]) -> Infobox:
    if len(value) == 1:
        ((name, below),) = value.items()
        if _PREFIX.match(name) and isinstance(below, Mapping | list):
            inner = _of_object(below) if isinstance(below, Mapping) else Infobox(_fields(_rows(below, 0)))
            return Infobox(inner.fields, inner.template or (None if name.lower() == "infobox" else _as_template(name)))
    template, rest = _template_in(value)
    containers = [key for key in rest if key in _CONTAINER_KEYS and isinstance(rest[key], Mapping | list)]
    if len(containers) == 1 and (len(rest) == 1 or template is not None or "has_parts" in rest):
        return Infobox(_fields(_rows(rest[containers[0]], 0)), template)
    return Infobox(_fields(_rows(rest, 0)), template)


def _template_in(value: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """Return the template that an object names, and its other members."""
    rest = dict(value)
    names = [key for key in value if key.lower() in _TEMPLATE_KEYS and _is_name(value[key])]
    names += [key for key in value if key.lower() in _MAYBE_TEMPLATE_KEYS and _names_template(key, value[key])]
    if not names:
        return None, rest
    named = str(rest.pop(names[0]))
    if rest.get("type") == "infobox":
        del rest["type"]
    return _as_template(named), rest


def _names_template(key: str, value: Any) -> bool:
    if not _is_name(value):
        return False
    return (bool(_PREFIX.match(value)) and value.lower() != "infobox") or (key.lower() == "type" and _is_known(value))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\n" not in value and len(value) <= 100


def _is_known(value: str) -> bool:
    return shipped().find(f"Infobox {value}") is not None


def _as_template(name: str) -> str:
    """Return the name of a template as written, or with the word in front with which it is known."""
    name = " ".join(name.replace("_", " ").split())
    if name[:9].lower() == "template:":
        name = name[9:].lstrip()
    if _PREFIX.match(name):
        return f"I{name[1:]}"
    return f"Infobox {name}" if _is_known(name) else name


# ── Rows


def _fields(rows: Iterator[_Row]) -> tuple[Field, ...]:
    return tuple(Field(" ".join(key.split()), values) for key, values in rows)


def _rows(value: Any, depth: int) -> Iterator[_Row]:
    """Yield the keys and values of an object, or of a list of pairs."""
    if depth > _MAX_DEPTH:
        raise _Odd
    if isinstance(value, Mapping):
        for key, member in value.items():
            if member is not None:
                yield from _row(key, member, depth)
        return
    for item in value:
        if isinstance(item, Mapping):
            pair = _pair_of(item)
            if pair:
                yield from _row(*pair, depth)
            else:
                yield from _rows(_below(item), depth + 1)
        elif isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
            yield from _row(item[0], item[1], depth)
        elif isinstance(item, str) and (match := _TEXT_FIELD.fullmatch(item.strip())):
            yield match[1], _lines(match[2])
        else:
            raise _Odd


def _below(item: Mapping[str, Any]) -> Any:
    """Return what a group of rows holds: its list, or the object itself."""
    return next((item[key] for key in ("has_parts", "fields", "rows") if isinstance(item.get(key), list)), item)


def _pair_of(item: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the key and the value of a row that names both."""
    key = next((key for key in _KEY_KEYS if isinstance(item.get(key), str)), "")
    value = next((value for value in _VALUE_KEYS if value in item and value != key), "")
    return (item[key], item[value]) if key and value else None


def _row(key: str, value: Any, depth: int) -> Iterator[_Row]:
    """Yield the row of a key; where the value is an object without a text of its own, one for each member."""
    if isinstance(value, Mapping):
        own = next((value[name] for name in _VALUE_KEYS if isinstance(value.get(name), str)), None)
        if own is not None:
            yield key, _lines(own)
            return
        yield from _group(key, list(_rows(value, depth + 1)))
    elif isinstance(value, list):
        yield key, tuple(line for item in value for line in _item(item))
    else:
        yield key, _item(value)


def _group(label: str, rows: list[_Row]) -> Iterator[_Row]:
    """Yield the rows below a label, which is a part of their keys unless they say enough without it."""
    keys = [name if is_usual_key(name) and not is_key_of_any(f"{label} {name}") else "" for name, _ in rows]
    if any(keys):
        yield label, ()
    for key, (name, values) in zip(keys, rows, strict=True):
        yield key or f"{label} {name}", values


def _item(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return _lines(value)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, Mapping):
        own = next((value[name] for name in (*_VALUE_KEYS, "name", "title") if isinstance(value.get(name), str)), None)
        if own is not None:
            return _lines(own)
    if value is None:
        return ()
    raise _Odd


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
