"""What a scale says: frames of indicators, rest and zero, learn mode, serial ports."""
