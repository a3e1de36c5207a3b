"""What is done with minutes and directions: taken in, confirmed, issued, reported on, closed."""
