"""What the user means: criteria, workflows, the project, its files. Knows no SQL."""
