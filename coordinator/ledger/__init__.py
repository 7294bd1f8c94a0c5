"""The append-only log of everything that happened at a site: what is in it survives a restart."""
