INSERT INTO {table} BY NAME {select}
