CREATE TABLE handed AS SELECT {columns}
