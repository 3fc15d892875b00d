"""The tests, and what the Make targets run beside them."""
