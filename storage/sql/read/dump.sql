SELECT to_json({{{fields}}})::VARCHAR FROM {table} AS t
