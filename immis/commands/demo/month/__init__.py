"""One month of a district, so that no page is empty: its days on the road, its registers, its cases and money."""
