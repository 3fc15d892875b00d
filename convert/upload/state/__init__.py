"""What was uploaded, in an SQLite file that survives any end of a run.

    state        runs, edits, pages and refusals: recorded and looked up
    state_file   the file: schema, transactions, one lock for each wiki
    identity     which wiki the rows are of, whatever its address
    rows         rows of the file as values, including damaged rows

An edit is recorded before it is sent, so that a killed run knows which edits are open.
"""
