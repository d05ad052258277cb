"""Reads of existing systems: what they say, what is refused, and that others are dropped."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.cameras.camera import Camera
from stopline.cameras.foreign.base import LARGEST, BadRead, ForeignRead
from stopline.cameras.foreign.formats import FORMATS, parse_post
from stopline.cameras.foreign.judging import judge
from stopline.cameras.foreign.receiver import Receiver
from stopline.cameras.wanted import fits, fitting, wanted_plate
from stopline.cli.camera_server import CameraServer
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = wanted_plate("FL 12345")
AT_S = 1_795_000_000.0

POSTS: dict[str, Any] = {
    "plate-recognizer": {
        "hook": {"event": "recognition"},
        "data": {
            "camera_id": "gate", "timestamp": "2026-11-18T12:00:00Z",
            "results": [
                {"plate": "fl12345", "score": 0.91,
                 "candidates": [{"plate": "fl12345", "score": 0.91}, {"plate": "fl12346"}]},
                {"plate": "zh999", "score": 0.9},
            ],
        },
    },
    "openalpr": {
        "data_type": "alpr_group", "camera_id": 7, "epoch_start": 1_795_000_000_000,
        "best_plate": {"plate": "FL12345", "confidence": 93.2}, "best_plate_number": "FL12345",
        "candidates": [{"plate": "FL12345", "confidence": 93.2}, {"plate": "FLI2345"}],
    },
    "frigate": {
        "type": "lpr", "id": "1.2-ab", "camera": "yard", "timestamp": 1_795_000_000.2,
        "plate": "FL12345", "score": 0.88, "name": None,
    },
    "axis": {
        "packetCounter": "3", "datetime": "20261118 120000500", "plateText": "FL12345",
        "plateUnicode": "FL12345", "plateConfidence": "0.93", "carMoveDirection": "in",
        "camera_info": {"SerialNumber": "ACCC"},
    },
}  # fmt: skip
HIKVISION = """<?xml version="1.0" encoding="UTF-8"?>
<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
<channelName>North</channelName><dateTime>2026-11-18T13:00:00+01:00</dateTime>
<eventType>ANPR</eventType>
<ANPR><licensePlate>FL12345</licensePlate><confidenceLevel>97</confidenceLevel>
<direction>reverse</direction></ANPR></EventNotificationAlert>"""
ONVIF = """<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:VideoAnalytics>
<tt:Frame UtcTime="2026-11-18T12:00:00Z"><tt:Object ObjectId="4"><tt:Appearance>
<tt:LicensePlateInfo><tt:PlateNumber Likelihood="0.9">FL12345</tt:PlateNumber></tt:LicensePlateInfo>
</tt:Appearance></tt:Object></tt:Frame></tt:VideoAnalytics></tt:MetadataStream>"""


def body(name: str) -> bytes:
    if name == "hikvision":
        return HIKVISION.encode()
    return ONVIF.encode() if name == "onvif" else json.dumps(POSTS[name]).encode()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_format_gives_the_one_vehicle_and_nothing_else(name: str) -> None:
    reads = parse_post(name, body(name))
    answers = [judge(read, WANTED, AT_S) for read in reads]
    hits = [answer for answer in answers if answer is not None]
    assert len(hits) == 1
    assert hits[0].hit_class == "certain"
    assert hits[0].confidence >= 0.8
    assert abs(hits[0].at_s - 1_795_003_200) < 4000
    assert "12345" not in repr(reads) + repr(hits)
    assert all(judge(read, wanted_plate("FL 77777"), AT_S) is None for read in reads)
    assert all(judge(read, None, AT_S) is None for read in reads)


def test_a_direction_is_taken_over() -> None:
    assert parse_post("hikvision", body("hikvision"))[0].direction == "away"
    assert parse_post("axis", body("axis"))[0].direction == "towards"


def test_a_part_with_pictures_beside_it() -> None:
    mixed = b"--b\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--b\r\n\r\n" + body("hikvision")
    assert len(parse_post("hikvision", mixed + b"\r\n--b--")) == 1


ALERT = """<h:EventNotificationAlert xmlns:h="http://www.hikvision.com/ver20/XMLSchema">
<h:channelID>1</h:channelID><h:dateTime>20261118T200000+0800</h:dateTime>
<h:eventType>ANPR</h:eventType><h:ANPR><h:licensePlate>FL12345</h:licensePlate>
<h:confidenceLevel>96</h:confidenceLevel></h:ANPR></h:EventNotificationAlert>"""
EVENT = """<wsnt:NotificationMessage xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"
xmlns:tt="http://www.onvif.org/ver10/schema"><wsnt:Message><tt:Message
UtcTime="2026-11-18T12:00:00Z"><tt:Data><tt:ElementItem Name="LicensePlateInfo">
<tt:LicensePlateInfo><tt:PlateNumber>FL12345</tt:PlateNumber></tt:LicensePlateInfo>
</tt:ElementItem></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>"""
NOON_MS = 1_795_003_200_000
OTHER_SHAPES: dict[str, tuple[str, Any]] = {
    "stream of Plate Recognizer with properties": (
        "plate-recognizer",
        {"data": {"camera_id": "gate", "timestamp": "2026-11-18 12:00:00+00:00", "results": [
            {"plate": {"type": "Plate", "props": {"plate": [{"value": "fl12345", "score": 0.99}]}},
             "vehicle": {"type": "Sedan"}}, {"plate": None, "vehicle": {"type": "Van"}}]}},
    ),
    "picture sent to Plate Recognizer": (
        "plate-recognizer",
        {"timestamp": "2026-11-18T12:00:00.123456Z", "camera_id": None,
         "results": [{"plate": "fl12345", "score": 0.9, "candidates": []}]},
    ),
    "single pictures of OpenALPR": (
        "openalpr",
        {"version": 2, "data_type": "alpr_results", "epoch_time": NOON_MS,
         "results": [{"plate": "FL12345", "confidence": 89.1, "candidates": []}]},
    ),
    "alert of OpenALPR": (
        "openalpr",
        {"data_type": "alpr_alert", "plate_number": "FL12345", "camera_id": 3,
         "group": {"data_type": "alpr_group", "epoch_start": NOON_MS, "camera_id": 3,
                   "best_plate_number": "FL12345", "best_confidence": 95}},
    ),
    "Hikvision with another namespace": ("hikvision", "--b\r\n\r\n" + ALERT + "\r\n--b--"),
    "Hikvision in JSON": (
        "hikvision",
        {"channelID": 1, "dateTime": "2026-11-18T20:00:00+08:00", "eventType": "ANPR",
         "ANPR": {"licensePlate": "FL12345", "confidenceLevel": 97, "direction": "forward"}},
    ),
    "Axis with its own clock": (
        "axis",
        {"capture_timestamp": str(NOON_MS), "datetime": "20261118 143000000", "carState": "lost",
         "plateASCII": "FL12345", "plateConfidence": "0.9", "carMoveDirection": "out"},
    ),
    "event of ONVIF": ("onvif", EVENT),
}  # fmt: skip


@pytest.mark.parametrize("shape", OTHER_SHAPES)
def test_other_releases_of_the_formats_give_the_vehicle_and_its_time(shape: str) -> None:
    name, content = OTHER_SHAPES[shape]
    data = content if isinstance(content, str) else json.dumps(content)
    (read,) = parse_post(name, data.encode())
    assert read.at_s == pytest.approx(NOON_MS / 1000, abs=1)
    answer = judge(read, WANTED, AT_S)
    assert answer is not None
    assert answer.hit_class == "certain"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("openalpr", '{"data_type": "heartbeat", "agent_uid": "a"}'),
        ("frigate", '{"type": "face", "camera": "yard", "name": "x", "score": 0.9}'),
        ("frigate", '{"type": "lpr", "camera": "yard", "plate": null, "score": null}'),
        ("hikvision", ALERT[: ALERT.index("<h:ANPR>")].replace("ANPR", "videoloss")
         + "</h:EventNotificationAlert>"),
        ("onvif", '<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"/>'),
    ],
)  # fmt: skip
def test_what_a_system_says_beside_its_reads_is_no_read_and_no_fault(
    name: str, content: str
) -> None:
    assert parse_post(name, content.encode()) == []


def test_what_a_system_takes_for_likeliest_is_possible_however_unsure_it_is() -> None:
    unsure = judge(ForeignRead((("FL12345", 0.0), ("ZH 7", 0.0)), AT_S, "", None), WANTED, AT_S)
    assert unsure is not None
    assert unsure.hit_class == "possible"


class Node:
    """What a camera server tells its node."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers, self.told = answers, list[Any]()

    def wanted(self) -> Any:
        return WANTED

    def tell(self, seen: Any) -> bool:
        self.told.append(seen)
        return self.answers


def three_of_axis(node: Node) -> list[str]:
    """One passage as Axis tells it: new, changed, and lost ten seconds later."""
    cameras = CameraServer([Camera(name="Gate", section=5)], node, [], 0)  # type: ignore[arg-type]
    for after_s, plate, sure in (
        (0.0, "FLI2345", 0.9),
        (0.3, "FL12345", 0.95),
        (10.3, "FL12345", 0.95),
    ):
        cameras._take("Gate", [ForeignRead(((plate, sure),), AT_S + after_s, "", None)])
    cameras._take("Gate", [ForeignRead((("FL12345", 0.95),), AT_S + 60, "", None)])
    return [hit.answer.hit_class for hit in node.told]


def test_a_passage_that_a_system_tells_three_times_is_one_hit(capsys: Any) -> None:
    assert three_of_axis(Node()) == ["possible", "certain", "certain"]
    assert len(three_of_axis(Node(answers=False))) == 4  # what could not be told is told again
    assert "12345" not in capsys.readouterr().out


def test_look_alikes_and_parts_are_possible_only() -> None:
    alike = judge(ForeignRead((("FL I2345", 0.95),), AT_S, "", None), WANTED, AT_S)
    assert alike is not None
    assert (alike.hit_class, alike.doubt) == ("possible", "read with a sign that looks alike")
    part = judge(ForeignRead((("FL12345", 0.95),), AT_S, "", None), wanted_plate("FL123?5"), AT_S)
    assert part is not None
    assert part.hit_class == "possible"
    weak = judge(ForeignRead((("ZH 99999", 0.9), ("FL12345", 0.02)), AT_S, "", None), WANTED, AT_S)
    assert weak is None


BOMB = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">' for n in range(9))
    + "]><EventNotificationAlert><ANPR><licensePlate>&a8;</licensePlate></ANPR>"
    + "</EventNotificationAlert>"
)


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize(
    "bad",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe\x00", b"[" * 5000, b'{"a":' * 900 + b"1" + b"}" * 900,
     BOMB.encode(), b"<a/>", b"<a", b"x" * (LARGEST + 1), b'{"results": 7}',
     b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', b"{}" * 30000],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_post_is_refused_without_repeating_it(name: str, bad: bytes) -> None:
    reads, told = [], ""
    try:
        reads = parse_post(name, bad)
    except BadRead as error:
        told = str(error)
    assert reads == []
    assert len(told) < 120


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(set(FORMATS) - {"hikvision", "onvif"})),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "results", "plate", "score", "candidates", "type", "timestamp", "props",
                 "value", "plateText", "datetime", "best_plate", "epoch_start", "camera_id"]
            ),
            inner, max_size=4,
        ),
        max_leaves=12,
    ),
)  # fmt: skip
def test_any_json_is_reads_or_refused(name: str, content: object) -> None:
    try:
        reads = parse_post(name, json.dumps(content).encode())
    except BadRead:
        return
    for read in reads:
        judge(read, WANTED, AT_S)


def test_many_reads_at_once_are_the_same_as_each_by_itself(rng: Any) -> None:
    reads = [f"FL {number:05d}" for number in rng.integers(0, 99999, 500)]
    reads += ["FL 12345", "fl-I2345", "FL\uff1112345", "A FL 12345", ""]
    assert fitting(reads, WANTED) == [n for n, read in enumerate(reads) if fits(read, WANTED)]
    partial = wanted_plate("FL 12??5")
    assert fitting(reads, partial) == [n for n, read in enumerate(reads) if fits(read, partial)]


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, list[tuple[str, list[ForeignRead]]]]]:
    taken: list[tuple[str, list[ForeignRead]]] = []
    made = Receiver(("127.0.0.1", 0), lambda camera, reads: taken.append((camera, reads)))
    thread = threading.Thread(target=made.serve_forever, args=(0.05,))
    thread.start()
    yield made, taken
    made.shutdown()
    thread.join()
    made.server_close()


def post(receiver: Receiver, path: str, data: bytes, **headers: str) -> int:
    line = http.client.HTTPConnection(*receiver.server_address[:2], timeout=5)
    with closing(line):
        line.request("POST", path, data, headers)
        return line.getresponse().status


def test_posts_are_taken_and_wrong_ones_refused(receiver: Any, capfd: Any) -> None:
    made, taken = receiver
    assert post(made, "/reads/frigate/yard", body("frigate")) == 202
    assert [(camera, len(reads)) for camera, reads in taken] == [("yard", 1)]
    form = (
        b'--x\r\nContent-Disposition: form-data; name="json"\r\n\r\n'
        + body("plate-recognizer") + b"\r\n--x--\r\n"
    )  # fmt: skip
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert post(made, "/reads/plate-recognizer/gate", form, **kind) == 202
    assert post(made, "/reads/other/yard", b"{}") == 404
    assert post(made, "/reads/axis/yard", b"{") == 422
    assert len(taken) == 2
    assert "12345" not in "".join(capfd.readouterr())


def test_a_post_of_100_megabytes_is_refused_before_it_is_read(receiver: Any) -> None:
    made, taken = receiver
    with socket.create_connection(made.server_address[:2], timeout=5) as line:
        line.sendall(
            b"POST /reads/axis/a HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n{"
        )
        assert b" 413 " in line.recv(200)
    assert taken == []


@pytest.mark.parametrize(
    "held", [b"<a/>" * 200_000, b"<a/>" * 9_000, b"<ANPR/>" * 9_000], ids=["many", "fewer", "reads"]
)
@pytest.mark.parametrize("name", ["hikvision", "onvif"])
def test_parts_within_parts_take_no_time(name: str, held: bytes) -> None:
    inner, root = b"ANPR", b"EventNotificationAlert"
    if name == "onvif":
        inner, root, held = b"LicensePlateInfo", b"Envelope", held.replace(b"ANPR", b"PlateNumber")
    deep = (b"<%s>" % inner) * 240 + held + (b"</%s>" % inner) * 240
    began = time.process_time()
    with contextlib.suppress(BadRead):
        assert parse_post(name, b"<%s>%s</%s>" % (root, deep, root)) == []
    assert time.process_time() - began < 3


def test_others_reach_it_only_with_mutual_tls() -> None:
    with pytest.raises(BadInput, match=r"127\.0\.0\.1"):
        Receiver(("0.0.0.0", 0), lambda *_: None)  # noqa: S104  (that is the point)


def test_a_slow_post_and_one_without_a_length_hold_nobody_up(receiver: Any) -> None:
    made, taken = receiver
    with socket.create_connection(made.server_address[:2], timeout=5) as slow:
        slow.sendall(b"POST /reads/frigate/a HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{")
        with socket.create_connection(made.server_address[:2], timeout=5) as line:
            line.sendall(
                b"POST /reads/axis/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"5f5e100\r\n{"
            )
            assert b" 411 " in line.recv(200)
        assert post(made, "/reads/frigate/yard", body("frigate")) == 202
    assert [camera for camera, _ in taken] == ["yard"]


def test_a_bomb_is_refused_over_http_and_the_next_post_is_taken(receiver: Any) -> None:
    made, taken = receiver
    for name in ("hikvision", "onvif"):
        assert post(made, f"/reads/{name}/a", BOMB.encode()) == 422
        assert post(made, f"/reads/{name}/a", BOMB.encode("utf-16")) == 422
    assert taken == []
    assert post(made, "/reads/hikvision/a", body("hikvision")) == 202


def authority(name: str) -> tuple[Any, Any]:
    """A key and the certificate that it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key, certificate(name, key, name, key, authority=True)


def certificate(name: str, key: Any, issuer: str, signer: Any, *, authority: bool = False) -> Any:
    subject, by = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(by)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
    )  # fmt: skip
    return made.sign(signer, hashes.SHA256())


def files(folder: Path, name: str, made: Any, key: Any) -> tuple[Path, Path]:
    at, beside = folder / f"{name}.crt", folder / f"{name}.key"
    at.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    beside.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return at, beside


def signed(folder: Path, name: str, by: tuple[Any, Any]) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = by[1].subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    return files(folder, name, certificate(name, key, issuer, by[0]), key)


def test_only_who_shows_a_certificate_of_the_authority_may_post(tmp_path: Path) -> None:
    ours, foreign = authority("our authority"), authority("another authority")
    trusted, _ = files(tmp_path, "ca", ours[1], ours[0])
    server = signed(tmp_path, "server", ours)
    taken: list[str] = []
    made = Receiver(
        ("0.0.0.0", 0),  # noqa: S104  (that is the point)
        lambda camera, _: taken.append(camera), (*server, trusted),
    )  # fmt: skip
    thread = threading.Thread(target=made.serve_forever, args=(0.05,))
    thread.start()

    def status(shown: tuple[Path, Path] | None) -> int:
        context = ssl.create_default_context(cafile=str(trusted))
        if shown is not None:
            context.load_cert_chain(*shown)
        line = http.client.HTTPSConnection(
            "127.0.0.1", made.server_address[1], timeout=20, context=context
        )
        try:
            line.request("POST", "/reads/frigate/yard", body("frigate"))
            return line.getresponse().status
        finally:
            line.close()

    try:
        with socket.create_connection(("127.0.0.1", made.server_address[1])):  # says nothing
            assert status(signed(tmp_path, "camera", ours)) == 202
            for shown in (None, signed(tmp_path, "stranger", foreign)):
                with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
                    status(shown)
            with pytest.raises((OSError, http.client.HTTPException)):  # without TLS
                post(made, "/reads/frigate/yard", body("frigate"))
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
    assert taken == ["yard"]
