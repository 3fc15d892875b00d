"""Markdown to the tree: CommonMark and the tables, notes and task lists of GitHub, with what heads an article.

    reader      the articles of a text: front matter, titles, infoboxes, sections, categories
    blocks      the parser's tokens to blocks: paragraphs, lists, tables, code, quotes
    inlines     the parser's tokens to running text

The parser is markdown-it-py, with its plug-ins for footnotes and definition lists.
"""
