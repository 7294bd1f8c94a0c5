"""Wire messages, topics and error codes that every room shares. Nothing here does I/O."""
