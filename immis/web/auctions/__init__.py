"""Pages of auctions: rooms and results for everybody, bids of bidders, orders of offices."""
