"""Entities: pydantic models that record changes and know what was loaded."""
