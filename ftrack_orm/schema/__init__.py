"""The schema of a server: what it says, and what that means."""
