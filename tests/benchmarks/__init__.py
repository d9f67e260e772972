"""Side by side with the official client: `python -m tests.benchmarks`."""
