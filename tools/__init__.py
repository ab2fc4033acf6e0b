"""Programs for those who work on Linkhold, run by hand."""
