"""Module paths promised to users, kept as thin re-exports."""
