INSERT INTO {table} BY NAME SELECT * FROM moved.{table}
