"""The schema's history: one change each, named for it, run by `linkhold.db.migrate`."""
