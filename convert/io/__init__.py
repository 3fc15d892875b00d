"""What any part may use to reach files: complete outputs, compression, remote file systems.

    atomic        files and folders that appear under their names when they are complete; locks
    compression   gzip, bzip2 and Zstandard, by suffix
    remote        reading at addresses (s3://, sftp://, https://) through fsspec
    stores        writing there: put, move, remove, list

Nothing here knows articles.  Below inputs, batch, upload and preview.
"""
