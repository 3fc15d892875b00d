"""Markdown to the tree: CommonMark and the tables, notes and task lists of GitHub, with what heads an article.

    reader          the articles of a text: front matter, titles, infoboxes, sections, categories
    blocks          the parser's tokens to blocks: paragraphs, lists, tables, code, quotes
    plain_headings  headings of plain articles, where the title is one
    rows            lines of a paragraph that stay lines
    inlines         the parser's tokens to running text
    outlines        what links find in a file
    targets         where links lead: to addresses, titles, headings, and files beside the text

The parser is markdown-it-py, with its plug-ins for footnotes and definition lists.
"""
