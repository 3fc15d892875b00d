"""What a person changes in the preview: template decisions and sources, each with an undo.

    requests        the routes of changes: a JSON object each, answered with what became of it
    decision_view   a decision as its panel shows it
    glance          a template at a glance
    undecided       which articles are left, in which order
    decisions       template choices as rules: their effect, and adding and removing them
    rules           rules in the text of plainwiki.toml
    refusals        links that are never made, and made again
    never           names that are never linked in the text of plainwiki.toml
    mending         sources edited, and templates written into files
    files           the files of the inputs: what may be written, and whether it changed since
    editor          the user's own editor
    history         undo

Every change is asked for by our own page, which the access control has checked.
"""
