"""The districts as the pages draw them: their names, and a map of equal tiles."""

from immis.rules.districts import NAMES_HI as NAMES_HI
from immis.rules.districts import district_name as district_name

#: Where each district lies on a map of equal tiles, row by row from the north, column by column from the west.
TILES: tuple[tuple[str, ...], ...] = (
    ("West Champaran", "East Champaran", "Sheohar", "Sitamarhi", "Madhubani", "Supaul", "Araria", "Kishanganj"),
    ("Gopalganj", "Siwan", "Muzaffarpur", "Darbhanga", "", "Saharsa", "Madhepura", "Purnia"),
    ("", "Saran", "Vaishali", "Samastipur", "Begusarai", "Khagaria", "", "Katihar"),
    ("Buxar", "Bhojpur", "Patna", "Nalanda", "Lakhisarai", "Munger", "Bhagalpur", ""),
    ("Kaimur", "Rohtas", "Arwal", "Jehanabad", "Sheikhpura", "Jamui", "Banka", ""),
    ("", "", "Aurangabad", "Gaya", "Nawada", "", "", ""),
)
