INSERT INTO schema_migrations VALUES ($number, $name, $sha256, now())
