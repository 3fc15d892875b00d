"""Publishing on a wiki over its Action API: a plan is made, shown, and applied.

    pages × wiki ▶ plan ▶ apply ▶ state

    desired_pages     inputs to the pages that the wiki is to have
    plan              desired and existing pages to steps: Create, Update, Keep, Conflict, Refuse; pure
    plan_store        steps on disk
    merge             a new infobox in a page that people edit
    diff              two texts of a page as lines for a terminal
    run               plan, begin, apply; what a killed run left is settled first
    publish           the use case: plan, show, confirm, apply
    upload_progress   progress: lines, a bar, or JSON
    state             what was uploaded, in SQLite
    state_rows        rows of the state file as values; a damaged row is one
    history           verify and undo
    imports           many pages in one request, as a dump
    templates         a live wiki's infobox templates, as a catalogue
    client            the wiki itself

Only ``client`` talks to the network; ``plan``, ``merge`` and ``diff`` are pure.
"""
