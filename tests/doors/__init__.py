"""The doors that an outsider has, for ``tests/acceptance``; none of them knows the product from inside.

A test takes a door as a fixture of its name: ``page`` (a person at a browser without scripts), ``api``, ``socket``
(a device), ``file`` (what is published), ``command`` (``immis …``) and ``clock``. ``immis trace`` reads them there.
"""

from tests.doors import eproc, takeover
from tests.doors.acts import act, against, dues_of
from tests.doors.calling import ASHA, FORM_3, JOINT, NAV, TICKS, Call, Newcomer, button, sum_asked
from tests.doors.commands import NOTICE, PAPER, Command, Done
from tests.doors.desk import desk, finish, task_of
from tests.doors.devices import Device
from tests.doors.http import Api, ApiDoor, Form, PageDoor, Person, Stuck, code_of, forms_of, program
from tests.doors.installation import FileDoor, Installation, Waited, india
from tests.doors.notices import Programme, elsewhere, notice_text
from tests.doors.road import Asked, Road, ask_challan, codes_in, words_of

__all__ = [
    "Api",
    "ASHA",
    "FORM_3",
    "JOINT",
    "NAV",
    "TICKS",
    "Asked",
    "Call",
    "Newcomer",
    "act",
    "against",
    "button",
    "dues_of",
    "Road",
    "ask_challan",
    "code_of",
    "codes_in",
    "desk",
    "elsewhere",
    "eproc",
    "finish",
    "takeover",
    "sum_asked",
    "task_of",
    "words_of",
    "NOTICE",
    "PAPER",
    "Api",
    "ApiDoor",
    "Command",
    "Device",
    "Done",
    "FileDoor",
    "Form",
    "Installation",
    "PageDoor",
    "Person",
    "Programme",
    "Stuck",
    "Waited",
    "forms_of",
    "program",
    "india",
    "notice_text",
    "program",
]
