"""A person's library: what a link is, how it is saved, edited, trashed and found, and its history."""
