"""Carries encoded operations to a server and reads its replies."""
