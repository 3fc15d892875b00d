"""What the Make targets measure, each beside a peer or a floor in the same run.

    speed     conversions, and their memory, beside pandoc
    markdown  Markdown to wikitext beside pandoc, and the parser alone
    batch     batches: growth, memory, processes, every source to every sink
    ray       Ray on one machine beside processes
    preview   how soon the preview shows something
    upload    uploads beside a bare loop of edits

Figures go into the documents from a quiet machine only.
"""
