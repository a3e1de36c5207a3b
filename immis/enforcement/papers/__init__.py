"""The numbered papers of a case: what they show, how they are set, and the secret link printed on them."""
