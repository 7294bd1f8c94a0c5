"""How often the coordinator takes a message for what it is: `python -m evals.dialogue`."""
