"""The desk: tasks and cases."""
