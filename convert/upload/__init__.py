"""Publishing on a wiki over its Action API: a plan is made, shown, and applied.

    pages × wiki ▶ plan ▶ apply ▶ state

    plan         desired and existing pages to steps: Create, Update, Keep, Conflict, Refuse; pure
    plan_store   steps on disk
    merge        a new infobox in a page that people edit
    calls        template calls in wikitext, with their positions
    diff         two texts of a page as lines for a terminal
    run          plan, begin, apply; what a killed run left is settled first
    state        what was uploaded, in SQLite
    templates    a live wiki's infobox templates, as a catalogue
    client       the wiki itself

Only ``client`` talks to the network; ``plan``, ``merge``, ``calls`` and ``diff`` are pure.
"""
