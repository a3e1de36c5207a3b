"""What the registers of things take: bank accounts, vehicles and drivers as their papers show them."""
