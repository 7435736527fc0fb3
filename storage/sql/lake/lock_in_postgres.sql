SELECT set_config('lock_timeout', '{patience_ms}', true), pg_advisory_xact_lock({space}, {lake})
