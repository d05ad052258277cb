"""Who a node is: its name, its Ed25519 key in a file only the owner reads, its certificate."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from stopline.errors import BadInput
from stopline.signed_note import Signer, check_key_name

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.signed_note import PublicKey

KEY_FILE, PREVIOUS_KEY_FILE, NEXT_KEY_FILE = "node.key", "node-previous.key", "node-next.key"
TLS_KEY_FILE, TLS_CERTIFICATE_FILE = "tls.key", "tls.crt"
_OWNER_ONLY = 0o600
_CERTIFICATE_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Identity:
    """A node's name and keys.

    Attributes:
        name: schema-less URL, for example `north.example/node`; also the origin of its journal.
        signer: the key in use.
        previous: the key before it, which still signs frames until the other side knows the new.
    """

    name: str
    signer: Signer
    previous: Signer | None = field(default=None)

    @property
    def key(self) -> PublicKey:
        """The public key in use."""
        return self.signer.key


def make_key(name: str, folder: Path) -> Identity:
    """Make a node's first key and write it to `node.key`, readable by the owner only.

    Raises:
        BadInput: the name will not do, or there is a key already.
    """
    check_key_name(name)
    path = folder / KEY_FILE
    private = Ed25519PrivateKey.generate()
    _write_private(path, private)
    return Identity(name, Signer(name, private))


def load_key(name: str, folder: Path) -> Identity:
    """Read a node's keys.

    Raises:
        BadInput: there is no key, it is no Ed25519 key, or others may read the file.
    """
    previous = folder / PREVIOUS_KEY_FILE
    return Identity(
        name,
        Signer(name, _read_private(folder / KEY_FILE)),
        Signer(name, _read_private(previous)) if previous.exists() else None,
    )


def prepare_key(identity: Identity, folder: Path) -> Identity:
    """Make a new key and write it beside the key in use; `adopt_key` puts it in use."""
    private = Ed25519PrivateKey.generate()
    fresh = folder / NEXT_KEY_FILE
    fresh.unlink(missing_ok=True)
    _write_private(fresh, private)
    return Identity(identity.name, Signer(identity.name, private), identity.signer)


def adopt_key(folder: Path) -> None:
    """Put the prepared key in use; the old one stays until the next rotation."""
    current, previous = folder / KEY_FILE, folder / PREVIOUS_KEY_FILE
    previous.unlink(missing_ok=True)
    os.link(current, previous)
    (folder / NEXT_KEY_FILE).replace(current)


def prepared_key(name: str, folder: Path) -> PublicKey | None:
    """Read the public part of a prepared key; None if there is none."""
    fresh = folder / NEXT_KEY_FILE
    return Signer(name, _read_private(fresh)).key if fresh.exists() else None


def make_certificate(name: str, folder: Path, now_s: float) -> str:
    """Make the self-signed TLS certificate that the other side pins; give it as PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stopline-node")])
    start = datetime.fromtimestamp(now_s, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(days=1))
        .not_valid_after(start + timedelta(days=_CERTIFICATE_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName(_host_label(name)),
                    x509.DNSName("localhost"),  # whoever sits at the node's own machine
                    *(x509.IPAddress(ip_address(own)) for own in ("127.0.0.1", "::1")),
                ]
            ),
            critical=False,
        )
        .sign(private, hashes.SHA256())
    )
    _write_private(folder / TLS_KEY_FILE, private)
    text = certificate.public_bytes(Encoding.PEM).decode()
    (folder / TLS_CERTIFICATE_FILE).write_text(text)
    return text


def certificate_fingerprint(pem: str) -> str:
    """Name a certificate: SHA-256 of its DER form, hex."""
    body = "".join(line for line in pem.splitlines() if line and not line.startswith("-"))
    try:
        return hashlib.sha256(base64.b64decode(body, validate=True)).hexdigest()
    except ValueError as error:
        raise BadInput.single("certificate", pem[:40], "PEM") from error


def _host_label(name: str) -> str:
    kept = "".join(s if s.isascii() and (s.isalnum() or s in "-.") else "-" for s in name)
    return kept.strip("-.") or "node"


def _write_private(path: Path, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        raise BadInput.single(str(path), "a key that is there already", "none yet") from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read_private(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        raise BadInput.single(str(path), "no file", "a key; make one with stopline node init")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise BadInput.single(str(path), f"mode {mode:o}", "600: chmod 600, and think who read it")
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise BadInput.single(str(path), "no readable key", "PKCS 8 in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput.single(str(path), type(key).__name__, "an Ed25519 key")
    return key
