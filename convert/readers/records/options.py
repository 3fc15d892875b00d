"""Which fields of a record are read, and how its text is if it is a plain article."""

from __future__ import annotations

from convert.readers.plain import PlainReadOptions


class RecordOptions(PlainReadOptions, frozen=True):
    """Names of fields; a dotted one leads into objects, and with ``metadata`` all others become metadata.

    An empty name stands for the usual ones: ``infobox`` and ``infoboxes``, ``categories`` and ``tags``.
    """

    text_field: str = "text"
    title_field: str = "title"
    infobox_field: str = ""
    categories_field: str = ""
    metadata: bool = False
