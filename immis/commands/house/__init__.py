"""Commands that look at this installation or at the code itself."""
