"""The emulator without a socket: transports to one of the same process."""
