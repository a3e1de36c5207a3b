"""Commands for notices, auctions and bids."""
