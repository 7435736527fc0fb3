INSERT INTO {target} BY NAME SELECT * FROM {source}
