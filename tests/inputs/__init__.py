"""Files, archives, tables and streams, and what hostile ones may do."""
