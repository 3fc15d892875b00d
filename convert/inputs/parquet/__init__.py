"""Parquet tables to lines of JSON, whatever they claim of themselves.

    reader   row groups to lines
    limits   footers: how much may be read
    pages    page headers: what a column becomes
    thrift   the protocol of both
    arrow    pyarrow, or why it cannot be had

Loaded only for tables, since pyarrow is large and an extra.
"""
