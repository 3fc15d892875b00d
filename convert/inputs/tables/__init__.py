"""Tables as texts, and what is common to all tables: each row is a record.

    columns      the columns that are read
    separators   what stands between the fields of a text
    text_lines   a stream of bytes to its lines
    rows         the columns of a text as the fields of a record
    separated    CSV and TSV to lines of JSON

Parquet has a package of its own (``convert.inputs.parquet``).
"""
