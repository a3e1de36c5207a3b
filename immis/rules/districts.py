"""The thirty-eight districts of Bihar in Hindi, by their English name; other names stay as they are."""

NAMES_HI = {
    "Araria": "अररिया",
    "Arwal": "अरवल",
    "Aurangabad": "औरंगाबाद",
    "Banka": "बाँका",
    "Begusarai": "बेगूसराय",
    "Bhagalpur": "भागलपुर",
    "Bhojpur": "भोजपुर",
    "Buxar": "बक्सर",
    "Darbhanga": "दरभंगा",
    "East Champaran": "पूर्वी चंपारण",
    "Gaya": "गया",
    "Gopalganj": "गोपालगंज",
    "Jamui": "जमुई",
    "Jehanabad": "जहानाबाद",
    "Kaimur": "कैमूर",
    "Katihar": "कटिहार",
    "Khagaria": "खगड़िया",
    "Kishanganj": "किशनगंज",
    "Lakhisarai": "लखीसराय",
    "Madhepura": "मधेपुरा",
    "Madhubani": "मधुबनी",
    "Munger": "मुंगेर",
    "Muzaffarpur": "मुजफ्फरपुर",
    "Nalanda": "नालंदा",
    "Nawada": "नवादा",
    "Patna": "पटना",
    "Purnia": "पूर्णिया",
    "Rohtas": "रोहतास",
    "Saharsa": "सहरसा",
    "Samastipur": "समस्तीपुर",
    "Saran": "सारण",
    "Sheikhpura": "शेखपुरा",
    "Sheohar": "शिवहर",
    "Sitamarhi": "सीतामढ़ी",
    "Siwan": "सीवान",
    "Supaul": "सुपौल",
    "Vaishali": "वैशाली",
    "West Champaran": "पश्चिमी चंपारण",
}


def district_name(name: str, language: str) -> str:
    """A district's name in the reader's language."""
    return NAMES_HI.get(name.title(), name) if language == "hi" else name.title()
