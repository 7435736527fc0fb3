SELECT {columns} FROM {table} {clause}
