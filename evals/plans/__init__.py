"""Graded goals for the planner: sites it has never seen, and the quantified steps that people would expect."""
