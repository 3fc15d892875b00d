"""Where texts go.

    sink           what a sink is
    destinations   what the name of a destination means: its form, and where a run works
    output_names   the names that a run may write, move or remove
    folder         a file for each article
    parts          files with the texts of many documents, whole or split
    parquet        one Parquet file
    staged         a remote destination: worked on locally, uploaded when complete
    site_index     index.html of a folder of pages

Everything has a temporary name until the run is complete.
"""
