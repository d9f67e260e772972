"""The event hub of the emulator (protocol 8): who hears of what, and when."""
