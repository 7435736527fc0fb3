SELECT topic_id, name_en, name_es, parent_id FROM topics ORDER BY topic_id
