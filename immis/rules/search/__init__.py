"""What a typed text may mean: numbers in any writing, words, and names as they sound."""
