"""A batch that is resumable and incremental.

    run             from the request to the end: what an earlier run did, which shards are left
    runner          outcomes in order: to the manifest, the sink, the rejects and the counts
    worker          one shard: fetch, convert, store where the sink expects it
    manifest        finished shards, line by line: read to resume a run, or to reuse its texts
    manifest_lines  the types of its lines, validated as untrusted data
    changes         inputs and options that differ from the previous run
    journal         the manifest of the run in progress; publishing
    previous_run    texts of an unchanged shard, copied from the last output
    run_index       titles, names and reusable shards of a run, in a temporary SQLite
    rejects         DEST.rejects.jsonl

A run may be killed at any moment: what counts is in the manifest, and the next run continues behind it.
"""
