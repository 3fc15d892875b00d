"""Where a long text may be cut, so that each part is read on its own.

    article_bounds   between articles
    element_bounds   between the children of one XML document, or the objects of one JSON array
    map_bounds       between the members of one JSON object that maps titles to texts

Both see a stream block by block, and keep no more of it than they need.
"""
