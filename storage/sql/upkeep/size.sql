-- How much of the file is in use, in blocks.
SELECT total_blocks, free_blocks
FROM pragma_database_size()
WHERE database_name = current_database()
