"""What stands above and below the text of a plain article.

    opening         the title, and what stands above it
    titles_below    a title below the infobox of its article
    facts           lines ``Title: X``, ``Author: Y``, and what such facts become
    front_matter    facts between lines ``---`` (a subset of YAML) or ``+++`` (TOML)
    heading_forms   headings in other forms, where the title is in no heading
    section_words   headings that are those of sections, not titles of articles
    category_lines  categories in other forms than a block

The forms themselves are in ``fixtures/spec/16-openings.md``.
"""
