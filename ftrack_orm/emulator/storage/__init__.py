"""What is kept: the database, its tables, and copies of all of it."""
