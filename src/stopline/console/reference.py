"""The OpenAPI document as a file, made from the code that answers.

    python -m stopline.console.reference docs/formats/openapi.json

A test fails when it is out of date.
"""

from __future__ import annotations

import json

from stopline.console.app import openapi_document


def openapi_text() -> str:
    """The document as it is kept."""
    return json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import sys
    from pathlib import Path

    Path(sys.argv[1]).write_text(openapi_text(), encoding="utf-8")
