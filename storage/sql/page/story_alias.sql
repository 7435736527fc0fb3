-- Under which id is a story known now that was once known by another?
SELECT story_id FROM story_aliases WHERE alias_id = $story
