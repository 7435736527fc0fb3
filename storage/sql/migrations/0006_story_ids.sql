-- A story bears the id of its first report: when an earlier one turns up, the story is known by another id.
COMMENT ON COLUMN story_aliases.reason IS 'merged (into a story that was there), split (the id follows the most members) or renamed (the same story: an earlier report was found).';
COMMENT ON COLUMN story_aliases.story_id IS 'The story it now means: stories.story_id, always of a story there is.';
