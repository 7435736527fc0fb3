"""The warehouse: records, migrations, merges and the published snapshot. Knows nothing of the pipeline's stages."""
