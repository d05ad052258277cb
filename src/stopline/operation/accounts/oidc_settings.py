"""Which OpenID Connect issuer a node trusts: `oidc.json` in its folder; none without the file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from stopline.errors import BadInput
from stopline.operation.accounts.settings import checked_model

if TYPE_CHECKING:
    from pathlib import Path

OIDC_FILE: Final = "oidc.json"
STATE_S: Final = 600.0
_Https = Annotated[str, StringConstraints(pattern=r"^https://[^\s#]+$", max_length=2000)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class OidcSettings(BaseModel):
    """An issuer, and this node as its client."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: _Https = Field(description="exactly as the issuer calls itself")
    client_id: _Text = Field(description="this node's name there")
    redirect_uri: _Https = Field(description="where the browser comes back to, as registered there")
    label: _Text = Field(default="OpenID Connect", description="shown on the sign-in page")
    scopes: tuple[_Text, ...] = Field(
        default=("openid",), description="openid, and no more than needed"
    )
    secret_file: str | None = Field(
        default=None, description="file with the client's secret, readable by the owner only"
    )
    secret_variable: str | None = Field(
        default=None, description="environment variable with it, if there is no file"
    )

    def secret(self, folder: Path) -> str | None:
        """Fetch the client's secret; None for a public client.

        Args:
            folder: of the node; a relative file lies there.

        Raises:
            BadInput: it is not where it should be, or others can read it.
        """
        if self.secret_file is not None:
            path = folder / self.secret_file
            if not path.is_file():
                raise BadInput.single(f"{OIDC_FILE}: secret_file", "no such file", str(path))
            if path.stat().st_mode & 0o077:
                raise BadInput.single(str(path), "readable by others", f"chmod 600 {path}")
            return path.read_text("utf-8").strip()
        if self.secret_variable is not None:
            found = os.environ.get(self.secret_variable)
            if not found:
                where = f"{OIDC_FILE}: secret_variable"
                raise BadInput.single(where, "nothing in it", f"{self.secret_variable} set")
            return found
        return None


def read_oidc_settings(folder: Path) -> OidcSettings | None:
    """Read the settings of a node's folder; None if it trusts no issuer.

    Raises:
        BadInput: the file does not fit; every fault is listed.
    """
    path = folder / OIDC_FILE
    return checked_model(OidcSettings, path) if path.exists() else None
