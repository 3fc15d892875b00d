"""What the wiki should have: the inputs to pages.

    desired_pages    all inputs, in order: articles converted, pages as they are, and what they need
    ready_pages      files of wikitext and dumps, as they are
    page_records     records with a page each: JSON Lines and tables, as ``batch -t wikitext`` writes them
    dump_titles      titles of another wiki's dump to titles here
    categories       the categories that pages name, and their pages

Nothing here asks the wiki.
"""
