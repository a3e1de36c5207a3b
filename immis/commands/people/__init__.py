"""Commands for offices, posts and the people in them."""
