"""The shipped catalogue as it is read, with all that is prepared of it: ``convert/infobox/catalogue.msgpack``."""

from __future__ import annotations

from convert.infobox import match
from convert.infobox.catalogue import read_catalogue, stored
from tests import ROOT

#: Imports every module that prepares something.
_ALL = match

DATA = ROOT / "convert" / "infobox"
STORED = DATA / "catalogue.msgpack"


def computed() -> bytes:
    """Compute it from the catalogue as it is now."""
    return stored(read_catalogue((DATA / "catalogue.json").read_text(), "catalogue.json"))


def accept() -> None:
    """Store it."""
    STORED.write_bytes(computed())


if __name__ == "__main__":
    accept()
