"""The pages on which people talk to a site and watch it: everything they show comes over the coordinator's HTTP API."""
