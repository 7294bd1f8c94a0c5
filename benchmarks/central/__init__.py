"""The baseline of experiment 1: a centralised system after LLMind 1.0, made of this project's own parts and models.

One process with one model knows the API of every device. It plans a goal, writes the programs of all devices one device after
another, and runs them as one state machine, one device after another.
docs/decisions/0020-experiment-1.md says what it was given and why.
"""
