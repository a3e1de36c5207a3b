"""The way in: sign-in, sign-up, passwords, how long a sign-in lasts."""
