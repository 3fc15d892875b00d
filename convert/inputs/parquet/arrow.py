"""Import of pyarrow, which is large and optional, with the allocator wanted here, or an error with advice."""

from __future__ import annotations

import os
import sys

from convert.errors import EnvironmentFailed, UsageError

__all__ = ["parquet", "pyarrow"]

# jemalloc returns freed memory to the system; Arrow's default keeps more the longer it runs.  Set before the import,
# because Arrow's own allocations use the pool it was loaded with.
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

try:
    import pyarrow
    import pyarrow.parquet as parquet
except ModuleNotFoundError:
    raise UsageError("Parquet needs pyarrow: install 'plainwiki[parquet]'") from None
except ImportError as error:  # it is installed, but there may be no memory to load it
    raise EnvironmentFailed(f"pyarrow cannot be loaded: {error}") from None
