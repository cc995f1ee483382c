"""How images, tables and distributions become small records plus blobs."""
