"""Inputs to pieces, and pieces to bytes: files, folders, archives, tables, streams, addresses.

    piece            Piece and Shard: where documents are
    sources          all inputs, in order, to pieces, and pieces to shards
    files            what is below a folder, what each file is, and what is passed over
    selection        which sources are read, and how they are cut
    cutter           one source to pieces: a text, a stream, a container
    containers       the table of containers: who cuts each, and fetches its pieces
    copies           containers that are no files: temporary copies
    archives         tar and zip, member by member, never extracted
    decompress       compressed files as streams, with a limit of expansion
    tables           CSV and TSV, and the columns that are read of any table
    parquet          tables: rows to JSON Lines, within limits
    stream           long files in stretches of whole articles
    encodings        texts in UTF-16 and so on, to UTF-8
    bounds           where long texts may be cut: between articles, XML elements, JSON objects
    page_files       files of wikitext and export dumps, whose pages an upload takes as they are
    jsonl            a record of JSON Lines to its articles
    wiki_pages       dumps and files of wikitext to pages
    fetch            the bytes of a piece, read by the worker

A piece says where bytes are, so that work travels as positions; only what can be read just once carries its bytes.
"""
