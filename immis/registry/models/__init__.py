"""Offices, people and posts, parties, mineral blocks, vehicles, devices and places."""

from immis.registry.models.offices import Office, Post, User
from immis.registry.models.parties import PanProof, Party
from immis.registry.models.people import ApiKey, Authority, DataRequest, Handover, LoginOrder
from immis.registry.models.places import Block, BlockVersion, Fence, FenceVersion, Place
from immis.registry.models.sheets import SheetFile
from immis.registry.models.things import Driver, PartyAccount, River
from immis.registry.models.vehicles import Device, DeviceFitting, PairingTest, ServiceWindow, Vehicle

__all__ = [
    "ApiKey",
    "Authority",
    "Block",
    "BlockVersion",
    "DataRequest",
    "Device",
    "DeviceFitting",
    "Driver",
    "Fence",
    "FenceVersion",
    "Handover",
    "LoginOrder",
    "Office",
    "PairingTest",
    "PanProof",
    "Party",
    "PartyAccount",
    "Place",
    "Post",
    "River",
    "ServiceWindow",
    "SheetFile",
    "User",
    "Vehicle",
]
