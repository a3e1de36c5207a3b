"""What a reader finds in minutes as they stand, and what it asks."""

from datetime import date

import pytest

from immis.adapters.minutes import MinutesUnreadable, read_minutes
from immis.rules.calendar import start_of
from immis.rules.directions.due import due_days
from immis.rules.directions.owners import answerers, owners_of
from immis.rules.policy import book
from tests.directions.reviews import FILE

AT = start_of(date(2026, 6, 1))
NESTED = """दिनांक-23.12.2025 को सचिव, खान एवं भूतत्व विभाग की अध्यक्षता में समीक्षा बैठक की कार्यवाही।

2. बैठक में सुविधाओं की समीक्षा की गयी।

3. कार्य एवं दायित्व-

- I. केन्द्र पर निम्न व्यवस्था -
 - a) सुगोचार स्थान पर हो।
 - b) अभिलेखों का समुचित रख
रखाव सुनिश्चित कराना।
- II. वेबसाइट अद्यतन रखना।

4. कार्य योजना -

क्र.	कार्य	तिथि
1	सूची पंजीकृत करना	05.01.2026
2	प्रविष्टि करना	10.01.2026

इस संबंध में निदेश -

- प्रतिदिन प्रतिवेदन देना है।

6. प्रशिक्षण

प्रशिक्षण की व्यवस्था की जाए।

7. अन्य निदेश:-

- i. 15 जनवरी तक खरीद कर ली जाए।
- ii. पटना, गया एवं मुंगेर में निरीक्षण नहीं किया गया है। निरीक्षण किया जाए।

सधन्यवाद बैठक की कार्यवाही समाप्त की गयी।

ज्ञापांक-विविध-19/2016.-.....67.....दिनांक09/01/2026
"""
LETTER = """बिहार सरकार
पत्रांक- 182/स०
पटना, दिनांक- 12-6-26
सेवा में,

सभी कार्यपालक अभियंता

विषय :- **Portal** अद्यतन करने के संबंध में।

महाशय,

यह देखा गया है कि कार्य शेष है।

आपको निदेश दिया जाता है कि आँकड़े तुरंत अद्यतन करें।

विश्वासभाजन
"""


def owners(point):
    return owners_of(point.owner, point.text, answerers(book(), AT), about_all=point.about_all)


def test_a_review_has_sixteen_points_with_their_numbers_owners_and_both_days():
    facts = read_minutes(FILE.read_bytes())
    marks = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi"]
    assert [point.number for point in facts.points] == marks
    assert facts.held_on == date(2026, 5, 12) and facts.issued_on == date(2026, 5, 20)
    assert facts.memo_no.startswith("214/") and len(facts.copies) == 6
    first, last = facts.points[0], facts.points[-1]
    assert owners(first).owners == ("deputy_secretary", "it_manager") and first.earlier
    assert owners(last).asks == ("owner",) and owners(last).proposed == "all"
    assert owners(facts.points[4]).also == ("ad_hq",) and owners(facts.points[1]).owners == ("districts",)
    due = due_days(days=first.days, by_on=None, held_on=facts.held_on, issued_on=facts.issued_on, policy=book(), at=AT)
    assert (due.on, due.by_meeting, due.by_circulation) == (date(2026, 5, 27), date(2026, 5, 19), date(2026, 5, 27))


def test_nested_lists_dated_steps_paragraphs_and_districts_are_read():
    points = {point.number: point for point in read_minutes(NESTED.encode()).points}
    assert list(points) == ["3.I.a", "3.I.b", "3.II", "4.1", "4.2", "4.\u20223", "6.\u00b61", "7.i", "7.ii"]
    assert points["4.2"].by_on == date(2026, 1, 10) and points["4.2"].kind == "step"
    assert points["7.i"].by_on == date(2026, 1, 15)  # the first 15 January after the meeting
    assert points["7.ii"].districts == ["Gaya", "Munger", "Patna"]
    assert not points["6.\u00b61"].districts and points["6.\u00b61"].kind == "paragraph"
    assert points["3.I.b"].text.count(" ") > 3


def test_a_letter_with_a_direction_is_one_point_for_whom_it_is_addressed_to():
    facts = read_minutes(LETTER.encode())
    assert facts.kind == "letter" and facts.held_on == date(2026, 6, 12)
    (point,) = facts.points
    assert point.owner and owners(point).asks == ("owner",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b" \n", "empty"),
        (b"\xff\xfe\x00\x01", "no_text"),
        ("बैठक होगी।".encode(), "no_minutes"),
        (LETTER.replace("निदेश दिया जाता है", "सूचित").encode(), "no_minutes"),
        (b"x" * 2_000_001, "too_big"),
    ],
)
def test_what_is_no_minutes_is_refused_with_the_reason(content, reason):
    with pytest.raises(MinutesUnreadable) as refused:
        read_minutes(content)
    assert refused.value.reason == reason
