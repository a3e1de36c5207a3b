"""Auctions that were held on E-Proc: their exports, and taking a result over."""
