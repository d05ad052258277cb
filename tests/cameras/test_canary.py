"""One watched plate among 500 others: of these nothing is on a disk, in a message or a crash."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from typer.testing import CliRunner

from cameras.conftest import PLATE, SECOND, on_disk, traces
from console.served import INCIDENT
from stopline.cameras.calibration import calibration
from stopline.cameras.camera import Camera
from stopline.cameras.errors import CameraFailed
from stopline.cameras.foreign.base import ForeignRead
from stopline.cameras.vision.eye import Eye
from stopline.cameras.vision.frame import CameraFrame
from stopline.cameras.wanted import wanted_plate
from stopline.cli.camera_client import NodeClient
from stopline.cli.camera_server import CameraServer
from stopline.cli.main import app
from stopline.operation.sightings.projection import Sightings
from stopline.operation.watch_list.commands import DropWatch
from stopline.operation.watch_list.expiry import expire_watch_list
from stopline.operation.watch_list.hits import Hits

if TYPE_CHECKING:
    from cameras.conftest import Film
    from console.served import Served


def watch_at(served: Served, token: Path, film: Film, began_s: float) -> Any:
    cameras = token.parent / "cameras.yaml"
    cameras.write_text(
        f"cameras:\n- name: A1\n  source: {film.path}\n  section: 3\n  legal_basis: Order 7\n"
    )
    began = datetime.fromtimestamp(began_s, UTC).isoformat()
    return CliRunner().invoke(
        app,
        ["watch", "--cameras", str(cameras), "--incident", INCIDENT, "--node", served.url,
         "--token-file", str(token), "--began", began],
    )  # fmt: skip


def test_a_hit_reaches_the_node_and_everything_else_is_gone(
    searching: tuple[Served, Path], film: Film, tmp_path: Path
) -> None:
    served, token = searching
    house, began_s = served.house, served.house.now_s + 1
    house.now_s += 20
    done = watch_at(served, token, film, began_s)
    assert done.exit_code == 0, done.stdout + done.stderr
    incident = house.desk.read().incident(INCIDENT)
    (hit,) = incident.projection(Hits).by_id.values()
    assert (hit.camera, hit.hit_class, hit.verdict) == ("A1", "certain", "certain")
    seen = [s for s in incident.projection(Sightings).by_id.values() if not s.nothing_seen]
    assert [(one.section, one.confirmed) for one in seen] == [(3, True)]
    quiet = [s for s in incident.projection(Sightings).by_id.values() if s.nothing_seen]
    assert quiet
    officer = served.client("duty_officer")
    picture = f"/v1/incidents/{INCIDENT}/hits/{hit.id}/crop.jpg"
    assert officer.get(picture).content.startswith(b"\xff\xd8\xff")
    shown = officer.get(f"/v1/incidents/{INCIDENT}/cameras").json()
    assert shown["hits"][0]["camera"] == "A1"
    assert officer.get(f"/v1/incidents/{INCIDENT}/wanted").status_code == 403
    machine = served.client("camera")
    assert machine.get(f"/v1/incidents/{INCIDENT}/wanted").json()["plate"] == PLATE
    assert machine.get(f"/v1/incidents/{INCIDENT}/cameras").status_code == 403
    # 500 other vehicles, read by another system, among them the one
    foreign(served, token, tmp_path)
    house.do(DropWatch(incident=INCIDENT, reason="stopped"), SECOND)
    client = NodeClient(served.url, INCIDENT, token, None)
    assert client.wanted() is None
    client.close()
    expire_watch_list(house.desk, house.now_s)
    assert officer.get(picture).status_code == 404
    others = [plate for plate in film.plates if plate != PLATE]
    assert traces(others, on_disk(tmp_path) + (done.stdout + done.stderr).encode()) == []
    assert b"\xff\xd8\xff" not in on_disk(tmp_path / "node")
    again = watch_at(served, token, film, began_s)
    assert again.exit_code == 3
    assert "certain" not in again.stdout


@pytest.mark.long
def test_cameras_are_served_with_workers_and_nothing_of_others_is_on_disk(
    searching: tuple[Served, Path], film: Film, tmp_path: Path
) -> None:
    served, token = searching
    copy = tmp_path / "gate.mp4"
    shutil.copy(film.path, copy)
    os.utime(copy, (served.house.now_s + 1, served.house.now_s + 1))
    served.house.now_s += 30
    cameras = tmp_path / "cameras.yaml"
    cameras.write_text(f"cameras:\n- {{name: A1, source: {copy}, section: 3, legal_basis: x}}\n")
    running = subprocess.Popen(
        [sys.executable, "-m", "stopline", "cameras", "serve", str(cameras), "--incident", INCIDENT,
         "--node", served.url, "--token-file", str(token), "--workers", "1",
         "--data", str(tmp_path / "nats"), "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 240
    hits: list[Any] = []
    while time.monotonic() < deadline and not hits and running.poll() is None:
        time.sleep(0.5)
        hits = list(served.house.desk.read().incident(INCIDENT).projection(Hits).by_id.values())
    running.send_signal(signal.SIGINT)
    text = running.communicate(timeout=60)[0]
    assert [(hit.camera, hit.hit_class) for hit in hits] == [("A1", "certain")], text
    assert running.returncode == 0, text
    others = [plate for plate in film.plates if plate != PLATE]
    assert traces(others, on_disk(tmp_path / "nats", tmp_path / "node") + text.encode()) == []
    assert b"\xff\xd8\xff" not in on_disk(tmp_path / "nats")


def foreign(served: Served, token: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    others = sorted({f"ZH {number}" for number in rng.integers(100_000, 999_999, 520)})[:500]
    client = NodeClient(served.url, INCIDENT, token, None)
    cameras = CameraServer([Camera(name="Gate", section=5)], client, [], 0)
    at_s = served.house.now_s - 5
    reads = [ForeignRead(((plate, 0.9),), at_s, "", None) for plate in others]
    reads.insert(250, ForeignRead(((PLATE, 0.93), (others[7], 0.2)), at_s, "", None))
    cameras._take("Gate", reads)
    client.close()
    hits = served.house.desk.read().incident(INCIDENT).projection(Hits).by_id.values()
    assert [hit.camera for hit in hits] == ["A1", "Gate"]
    assert traces(others, on_disk(tmp_path)) == []


@pytest.mark.parametrize("form", ["FL 31746", "fl 31746", "FL31746", "FL-31746", "F131746"])
def test_the_search_for_traces_finds_one_read_in_a_log(tmp_path: Path, form: str) -> None:
    (tmp_path / "log").write_text(f"12:00 read {form}\n")
    assert traces(["FL 31746", "FL 90257"], on_disk(tmp_path)) == ["FL 31746"]


class Failing:
    """A verifier that fails with the picture in its hands."""

    def candidates(self, picture: Any, *_: object, **__: object) -> Any:
        crop = picture.copy()
        raise ValueError(crop, "FL 31746")


def test_no_error_carries_a_picture_or_a_read() -> None:
    eye = Eye(Failing(), calibration())  # type: ignore[arg-type]
    frame = CameraFrame.of_picture(np.full((90, 160, 3), 7, np.uint8), 0.0, 0.0, still=True)
    with pytest.raises(CameraFailed) as caught:
        eye.see(frame, wanted_plate("FL 48213"))
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert str(error) == "a frame could not be looked at (ValueError)"
    trace = caught.tb
    while trace is not None:
        if "stopline" in trace.tb_frame.f_code.co_filename and "tests" not in (
            trace.tb_frame.f_code.co_filename
        ):
            held = trace.tb_frame.f_locals.values()
            assert not any(isinstance(one, np.ndarray | CameraFrame) for one in held)
        trace = trace.tb_next


def test_nothing_shows_itself() -> None:
    frame = CameraFrame.of_picture(np.zeros((4, 4, 3), np.uint8), 0.0, 0.0)
    read = ForeignRead((("FL 31746", 0.9),), 0.0, "", None)
    assert repr(frame) == "CameraFrame(hidden)"
    assert "31746" not in repr(read)


def test_a_forced_crash_leaves_no_core_file(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("limits are read from /proc")
    code = (
        "import os, sys, time; from stopline.cameras.core_dumps import forbid_core_dumps\n"
        "forbid_core_dumps(); plates = ['FL', '31746']; held = ' '.join(plates) * 3\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    made = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert made.stdout is not None
    assert made.stdout.readline().strip() == "ready"
    limits = Path(f"/proc/{made.pid}/limits").read_text("utf-8")
    assert re.search(r"Max core file size\s+0\s+0\s", limits)
    made.send_signal(signal.SIGSEGV)
    made.wait(20)
    made.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_it_runs_in_a_network_without_a_way_out(one_vehicle: Film) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False).returncode:
        pytest.skip("this machine does not let a process have a network of its own")
    code = (
        "import socket, sys\n"
        "from stopline.cli.main import main\n"
        "try:\n    socket.create_connection(('192.0.2.1', 80), 1)\n"
        "except OSError:\n    pass\nelse:\n    sys.exit(9)\n"
        "main()"
    )
    began = time.monotonic()
    done = subprocess.run(
        [unshare, "-rn", sys.executable, "-c", code, "watch", str(one_vehicle.path),
         "--plate", PLATE, "--authority", "Order 7", "--json"],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert "hit" in kinds
    assert time.monotonic() - began < 300
