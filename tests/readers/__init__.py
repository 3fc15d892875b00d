"""Readers: texts of many forms to articles, and what is said of them."""
