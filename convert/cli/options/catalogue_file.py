"""The option ``--catalogue``: the templates that are known, with those of a file."""

from __future__ import annotations

from convert.errors import EnvironmentFailed, UsageError
from convert.infobox.catalogue import Catalogue, merged, read_catalogue, shipped


def extended(path: str | None) -> Catalogue | None:
    """Extend the shipped catalogue by that of a file; nothing if none is named."""
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return merged(shipped(), read_catalogue(file.read(), path))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is not UTF-8: save the catalogue as UTF-8") from error
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {path}: {error.strerror or error}") from error
