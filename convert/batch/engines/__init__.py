"""Who converts the shards; an engine takes shards and work, and yields outcomes in the order of the shards.

    local            this process, or several (--jobs)
    processes        worker processes, and what happens when one dies
    worker_process   one worker process, and how its death is told
    ray              tasks on a Ray cluster, retried when a worker or a machine is lost

An engine decides where work is done, never what comes of it.
"""
