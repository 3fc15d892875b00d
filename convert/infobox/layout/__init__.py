"""Where a box shows what its template has: a title, an image, headed sections, rows, and columns side by side.

    model         a layout: cells, rows, grids, headings, pictures
    design        layouts.toml: the layouts of the most used templates, and the words for codes
    build         the layout of a template with the parameters at hand
    words         the labels that readers see
    untemplated   the rows of a box without a template
    presentation  parameters that say how a box looks, and never what it says; pictures and the title

A layout has no syntax of its own: template pages, HTML and other dialects of infoboxes are written from it.
"""
