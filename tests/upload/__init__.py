"""The client, plans, merges, and the state of an upload."""
