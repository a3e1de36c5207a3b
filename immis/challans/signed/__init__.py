"""The signed pass: its bytes and keys, the lists beside it, and reading it."""
