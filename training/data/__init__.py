"""Writes training questions: devices as vendors ship them, sentences as people say them, and the programs they mean."""
