"""Publishing on a wiki over its Action API: make a plan, show it, apply it.

    pages × wiki ▶ plan ▶ apply ▶ state

    desired           inputs to the pages that the wiki should have
    plan              desired and existing pages to steps: Create, Update, Keep, Conflict, Refuse; pure
    plan_lines        a plan as lines, for people and in a file; pure
    plan_store        steps on disk
    merging           three-way merge of an infobox into a page that people edit
    diff              two texts of a page as lines for a terminal
    planning          pages against a wiki: what is fetched and decided, what we wrote before, why pages are gone
    run               plan, begin, apply; settles first what a killed run left open
    model             how to upload, and what is reported of each page
    publish           the use case: plan, show, confirm, apply
    upload_progress   progress: lines, a bar, or JSON
    state             what was uploaded, in SQLite
    history           verify and undo
    placing           pages in a namespace, or below a prefix
    files             files that pages show, from a folder
    imports           many pages per request, as a dump
    templates         a live wiki's infobox templates, as a catalogue
    doctor            what a run needs of a wiki, tried in order
    client            the client of the Action API

Only ``client`` and ``doctor`` talk to the network; ``plan``, ``merging`` and ``diff`` are pure.
"""
