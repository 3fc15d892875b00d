"""What is prepared of the shipped catalogue, stored beside it: ``convert/infobox/catalogue.tables``."""

from __future__ import annotations

from convert.infobox import match, prepared
from convert.infobox.catalogue import read_catalogue
from tests import ROOT

#: Imports every module that prepares something.
_ALL = match

DATA = ROOT / "convert" / "infobox"
STORED = DATA / "catalogue.tables"


def computed() -> bytes:
    """Compute it from the catalogue as it is now."""
    content = (DATA / "catalogue.json").read_bytes()
    return prepared.packed(read_catalogue(content.decode(), "catalogue.json"), len(content))


def accept() -> None:
    """Store it."""
    STORED.write_bytes(computed())


if __name__ == "__main__":
    accept()
