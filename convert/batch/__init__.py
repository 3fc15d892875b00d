"""Many documents: shards are converted by an engine, and a job writes what comes of them, in order.

    inputs ▶ shards ▶ engine ▶ worker: fetch, Converter ▶ job: titles, manifest, counts ▶ sink

    model            Task, and what became of documents and shards
    converter        bytes of a shard to records; pure, no I/O
    links_made       the links that were restored, counted
    observer         who is told of diagnostics and progress
    outcomes         the outcome of a shard: diagnostics counted
    one_shot         convert and check: one text or diagnostics, nothing remembered
    articles         the articles of inputs, for commands that need the trees
    template_pages   articles to the template pages of a bare wiki
    arrow            rows of pandas, Spark and Hugging Face datasets
    progress         a bar or lines on standard error
    job              a run: resume, manifest, rejects
    engines          who converts the shards: this process, processes, Ray
    sinks            folder, parts, staged remote destinations, the index of a site
    report           figures of a run, as JSON and as a page

A record depends on nothing but its shard and the task, so the bytes are the same whatever the engine.
"""
