"""Messages: what may go out as an SMS, in which words, when, and what follows where an address is dead."""
