"""Entering and changing parties, blocks, vehicles, devices, places, users and posts."""

from immis.registry.people.charges import appoint
from immis.registry.services.blocks import NewBlock, save_block
from immis.registry.services.parties import NewParty, add_party, checked_pan, note_gstin, pan_refusal
from immis.registry.services.people import add_user, open_office
from immis.registry.services.places import NewPlace, add_place
from immis.registry.services.vehicles import NewVehicle, fit_device, register_vehicle, require_own

__all__ = [
    "NewBlock",
    "NewParty",
    "NewPlace",
    "NewVehicle",
    "add_party",
    "add_place",
    "add_user",
    "appoint",
    "checked_pan",
    "fit_device",
    "note_gstin",
    "open_office",
    "pan_refusal",
    "register_vehicle",
    "require_own",
    "save_block",
]
