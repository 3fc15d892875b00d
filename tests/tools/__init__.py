"""Programs of the Make targets: benchmarks, fuzzing, learning, pictures.  Each is ``python -m tests.tools.NAME``."""
