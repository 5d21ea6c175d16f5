"""One module per recorded topic; each has `record() -> dict`, the fields of its JSON file."""
