"""Readers, writers, and the tree between them."""
