"""The bench: how fast Linkhold is and what it needs, beside others, on one machine in one run."""
