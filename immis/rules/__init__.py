"""Pure law: facts, policy and an instant in; findings, amounts and consequences out. No Django, no clock, no I/O."""
