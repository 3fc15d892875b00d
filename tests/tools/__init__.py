"""What the Make targets run beside the tests: measuring, learning, looking.  Each is ``python -m tests.tools.NAME``."""
