"""Where texts go.

    destinations   what the name of a destination means: its form, and where a run works
    folder         a file for each article, or parts with the texts of many
    staged         a remote destination: worked on locally, uploaded when complete
    site_index     index.html of a folder of pages

Parquet is written by ``convert.inputs.parquet``.
"""
