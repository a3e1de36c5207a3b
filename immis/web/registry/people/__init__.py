"""Offices, people, charges, and the own data of a person."""
