"""What stands round every request: guard, languages, headers, addresses, what a page is given, errors, health."""
