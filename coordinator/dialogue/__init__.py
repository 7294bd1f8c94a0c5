"""What people say between goals: questions, orders, answers, and what they refer to. Answers come from records only."""
