"""pyarrow, loaded as it is needed here, or why it cannot be had: it is large, and an extra."""

from __future__ import annotations

import os
import sys

from convert.errors import EnvironmentFailed, UsageError

__all__ = ["parquet", "pyarrow"]

# This allocator gives back what was freed, where Arrow's own choice keeps more the longer it runs.  It is asked for
# before Arrow is loaded, because what Arrow takes for itself comes from whichever it was loaded with.
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

try:
    import pyarrow
    import pyarrow.parquet as parquet
except ModuleNotFoundError:
    raise UsageError("Parquet needs pyarrow: install 'plainwiki[parquet]'") from None
except ImportError as error:  # it is there: the system may have no memory for it
    raise EnvironmentFailed(f"pyarrow cannot be loaded: {error}") from None
