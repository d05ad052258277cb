"""What a newcomer types, at a fraction of the time: each `stopline` is a fork of one process.

A page is typed into a shell as it stands. Its `stopline` is a small script that hands its words,
folder and streams to a process which has the program loaded already; that forks, runs the command
as its own process would, and hands the exit code back. `serve`, which stays, is a process of its
own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

import typer.main

from stopline.cli.start import main

if TYPE_CHECKING:
    from pathlib import Path

_CLIENT: Final = """
import json, os, socket, sys
words = json.dumps([os.getcwd(), *sys.argv[2:]]).encode()
os.chdir(sys.argv[1])  # the path of a socket must be short
line = socket.socket(socket.AF_UNIX)
line.connect("line")
socket.send_fds(line, [len(words).to_bytes(4, "big") + words], [0, 1, 2])
sys.exit(int(line.recv(8) or b"70"))
"""
# What commands load as they run, above all.
_LOADED: Final = (
    "stopline.cli.main",
    "stopline.operation.runtime.bootstrap",
    "stopline.scenario.loader",
    "stopline.planning.plan",
    "stopline.review.review",
    "httpx",
)


class Typed:
    """The loaded process, and a folder with the script `stopline`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        folder.mkdir()
        self.folder = folder
        client = folder / "client.py"
        client.write_text(_CLIENT, "utf-8")
        script = folder / "stopline"
        script.write_text(
            f'#!/bin/sh\n[ "$1" = serve ] && exec "{sys.executable}" -m stopline "$@"\n'
            f'exec "{sys.executable}" -I -S "{client}" "{folder}" "$@"\n'
        )
        script.chmod(0o755)
        self._process = subprocess.Popen(
            [sys.executable, __file__], env=environment, cwd=folder, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline(), "it has loaded, and listens"

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate()


def _serve() -> None:
    for name in _LOADED:
        import_module(name)
    typer.main.get_command = cache(typer.main.get_command)  # a hundred commands, built once
    typer.main.get_command(import_module("stopline.cli.main").app)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("line")
    listening.listen()
    sys.stdout.write("listens\n")
    sys.stdout.flush()
    while True:
        line, _ = listening.accept()
        with line:
            data, streams, _, _ = socket.recv_fds(line, 1 << 16, 3)
            while len(data) < 4 + int.from_bytes(data[:4], "big"):
                data += line.recv(1 << 16)
            folder, *words = json.loads(data[4:])
            child = os.fork()
            if child == 0:
                listening.close()
                _run(folder, words, streams)
            for one in streams:
                os.close(one)
            _, status = os.waitpid(child, 0)
            line.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())


def _run(folder: str, words: list[str], streams: list[int]) -> None:
    """Be the command; does not come back."""
    code = 70
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.chdir(folder)
        sys.argv = ["stopline", *words]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
