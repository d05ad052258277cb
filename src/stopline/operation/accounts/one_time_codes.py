"""One-time codes (RFC 6238) and recovery codes: each is good once."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, replace
from typing import Final

import pyotp

from stopline.operation.accounts.tokens import digest, same

STEP_S: Final = 30
_AROUND: Final = (-1, 0, 1)
_DIGITS: Final = 6
_RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10


@dataclass(frozen=True, slots=True)
class Device:
    """What the node keeps of a device for one-time codes.

    Attributes:
        secret: base32, shared with the device.
        last_step: the last step of thirty seconds whose code was used.
        recovery: SHA-256 of the recovery codes that are left, hex.
    """

    secret: str
    last_step: int = -1
    recovery: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """For its shelf."""
        return json.dumps([self.secret, self.last_step, list(self.recovery)]).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Device:
        """From its shelf."""
        secret, last_step, recovery = json.loads(raw)
        return cls(secret, last_step, tuple(recovery))

    def accept(self, code: str, now_s: float) -> Device | None:
        """Use a code up: give the device as it is afterwards, or None if the code is not good."""
        plain = "".join(sign for sign in code if sign.isalnum())
        if len(plain) == _DIGITS and plain.isascii() and plain.isdigit():
            return self._accept_step(plain, now_s)
        hashed = _recovery_hash(plain).hex()
        left = tuple(each for each in self.recovery if not same(each.encode(), hashed.encode()))
        return None if len(left) == len(self.recovery) else replace(self, recovery=left)

    def _accept_step(self, code: str, now_s: float) -> Device | None:
        totp, now = pyotp.TOTP(self.secret), int(now_s) // STEP_S
        for step in (max(0, now + offset) for offset in _AROUND):
            fits = same(totp.generate_otp(step).encode(), code.encode())
            if fits and step > self.last_step:
                return replace(self, last_step=step)
        return None


def new_secret() -> str:
    """Make a secret of 160 bits for a device, base32."""
    return pyotp.random_base32()


def uri_of(secret: str, name: str, issuer_name: str) -> str:
    """Write the `otpauth:` address that authenticator applications read."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer_name)


def new_recovery_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make recovery codes of 80 bits each; give them, and what is kept of them."""
    made = tuple(_grouped(secrets.token_bytes(_RECOVERY_BYTES)) for _ in range(_RECOVERY_CODES))
    return made, tuple(_recovery_hash(code.replace("-", "")).hex() for code in made)


def _grouped(raw: bytes) -> str:
    text = base64.b32encode(raw).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _recovery_hash(plain: str) -> bytes:
    return digest(f"recovery {plain.lower()}")
