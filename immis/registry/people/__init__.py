"""People: the charges they hold, their log-ins, who acts for a party, their rights in what is kept of them."""
