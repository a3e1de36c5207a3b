"""Links under TLS: a port of its own, on which a device may prove itself by a certificate of its own.

The certificate is checked by the authority that the operator names; its subject's common name, or serial number, is
the IMEI. A device without one is served as on the plain port: the link is private then, and proves nothing.
"""

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from immis.gateway.ingest.proxies import IMEI, read_header
from immis.gateway.tolerances import READ_BYTES

_MOST_UNSENT = 65_536


class Broken(Exception):
    """A link on which no TLS can be spoken (any more)."""


@dataclass(frozen=True)
class TlsPort:
    """Where the gateway listens for TLS, and by what it proves itself and its devices."""

    host: str
    port: int
    context: ssl.SSLContext


def tls_port(address: tuple[str, int], *, certificate: Path, key: Path | None, devices: Path | None) -> TlsPort:
    """The port with its certificate; ``devices`` holds the authorities of devices' certificates.

    Raises OSError, ValueError in words for files that are none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.num_tickets = 0  # a resumed session would show no certificate to be looked at
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    for what, path in (("certificate", certificate), ("key", key), ("devices' authorities", devices)):
        if path is not None and not path.is_file():
            raise ValueError(f"TLS: there is no file {path} ({what})")
    try:
        context.load_cert_chain(certificate, key)
        if devices is not None:
            context.load_verify_locations(devices)
            context.verify_mode = ssl.CERT_OPTIONAL
    except ssl.SSLError as fault:
        raise ValueError(f"TLS: {certificate} with its key, or {devices}, cannot be read: {fault.reason}") from fault
    return TlsPort(*address, context)


class TlsLink:
    """One link under TLS: what came over the wire goes in, what the device said comes out."""

    def __init__(self, context: ssl.SSLContext, *, behind_balancer: bool) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._begun: bytes | None = b"" if behind_balancer else None
        self._unsent = b""
        self.is_private = False  # the greeting is over
        self.certified = ""  # IMEI of the device's certificate

    def hear(self, data: bytes) -> Iterator[bytes]:
        """What the device said, a balancer's header before it. Raises Broken."""
        if self._begun is not None:
            self._begun += data
            header = read_header(self._begun)
            if header is None:
                return
            data, begun, self._begun = self._begun[header.length :], self._begun[: header.length], None
            yield begun  # empty where the balancer sent none: it speaks for itself
        self._in.write(data)
        try:
            if not self.is_private:
                self._tls.do_handshake()
                self.is_private, self.certified = True, _imei_of(self._tls.getpeercert())
            while said := self._tls.read(READ_BYTES):
                yield said
            raise Broken("the device has closed the link")
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as fault:
            raise Broken(str(fault.reason)) from fault

    def say(self, data: bytes) -> None:
        """Put an answer into TLS; ``send`` gives it to the wire. Raises Broken before the greeting is over."""
        try:
            self._tls.write(data)
        except ssl.SSLError as fault:
            raise Broken(str(fault.reason)) from fault

    def send(self, descriptor: int) -> None:
        """Give greetings and answers to the wire; what finds no room waits for the next. Raises Broken, OSError."""
        self._unsent += self._out.read()
        if not self._unsent:
            return
        try:
            self._unsent = self._unsent[os.write(descriptor, self._unsent) :]
        except BlockingIOError:
            pass
        if len(self._unsent) > _MOST_UNSENT:
            raise Broken("the device reads nothing")


def _imei_of(certificate: object) -> str:
    """The IMEI that a checked certificate's subject names; empty where there is none."""
    subject = certificate.get("subject", ()) if isinstance(certificate, dict) else ()
    names = [value for part in subject for kind, value in part if kind in ("commonName", "serialNumber")]
    return next((name for name in names if IMEI.fullmatch(name)), "")
