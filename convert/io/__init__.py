"""What any part may use to reach files: complete outputs, compression, remote file systems.

    atomic        files and folders that appear under their names when they are complete; locks
    locks         flock, or a lock file where a file system has none
    own_files     files of ours, told from planted links and foreign files
    scratch       a temporary SQLite database
    bounded       numbers of files that others may have written
    toml          TOML read safely, with line numbers
    console       the only place that writes for people
    compression   gzip, bzip2 and Zstandard, by suffix
    remote        reading at addresses (s3://, sftp://, https://) through fsspec
    stores        writing there: put, move, remove, list

Nothing here knows articles.  Below inputs, batch, upload and preview.
"""
