"""The formats of six kinds of plate readers, each a function from a post to reads."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.foreign.base import (
    MOST_READS,
    BadRead,
    ForeignRead,
    as_dict,
    as_list,
    moment,
    number,
    read_json,
    read_of,
    read_xml,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AXIS_TIME: Final = "%Y%m%d %H%M%S%f"
_MOST_ANPR: Final = 20
_MILLI: Final = 1000.0
_ALERT_FIELDS: Final = frozenset(
    ("dateTime", "eventType", "channelName", "channelID", "ANPR", "licensePlate",
     "originalLicensePlate", "confidenceLevel", "direction")
)  # fmt: skip
_LATEST_S: Final = 1e11  # larger numbers are milliseconds


def plate_recognizer(body: bytes) -> list[ForeignRead]:
    """Webhook of Plate Recognizer Stream and Snapshot: `data.results`, each with candidates."""
    content = as_dict(read_json(body))
    data = as_dict(content.get("data")) or content
    at_s = moment(data.get("timestamp_camera")) or moment(data.get("timestamp"))
    found = []
    for result in map(as_dict, as_list(data.get("results"))):
        plate = result.get("plate")
        if isinstance(plate, dict):  # of newer releases
            values = as_list(as_dict(plate.get("props")).get("plate"))
            pairs = [(v.get("value"), v.get("score")) for v in map(as_dict, values)]
        else:
            pairs = [(plate, result.get("score"))]
            pairs += [
                (c.get("plate"), c.get("score"))
                for c in map(as_dict, as_list(result.get("candidates")))
            ]
        found.append(read_of(pairs, at_s, data.get("camera_id", "")))
    return _kept(found, "data.results", seen="results" in data)


def openalpr(body: bytes) -> list[ForeignRead]:
    """`alpr_group`, `alpr_results` and `alpr_alert` of OpenALPR, confidences from 0 to 100."""
    content = as_dict(read_json(body))
    if content.get("data_type") in ("heartbeat", "vehicle"):
        return []
    if content.get("data_type") == "alpr_alert":  # a group that stood on a list of its owner
        content = as_dict(content.get("group")) or content
    at_s = _epoch(content.get("epoch_start")) or _epoch(content.get("epoch_time"))
    camera = content.get("camera_id", "")
    groups = as_list(content.get("results"))
    if content.get("data_type") == "alpr_group" or "best_plate" in content:
        groups = [content]
    found = []
    for group in map(as_dict, groups):
        best = group.get("best_plate")
        best = best if isinstance(best, dict) else {}
        pairs = [(group.get("plate"), group.get("confidence"))]
        pairs += [(group.get("best_plate_number"), group.get("best_confidence"))]
        pairs += [(best.get("plate"), best.get("confidence"))]
        pairs += [
            (c.get("plate"), c.get("confidence"))
            for c in map(
                as_dict, as_list(group.get("candidates")) + as_list(best.get("candidates"))
            )
        ]
        found.append(read_of(pairs, at_s, camera, of_hundred=True))
    return _kept(found, "results", seen=bool(groups) or "results" in content)


def frigate(body: bytes) -> list[ForeignRead]:
    """`tracked_object_update` of Frigate with `type` `lpr`."""
    content = as_dict(read_json(body))
    if content.get("type") not in ("lpr", None):
        return []
    read = read_of(
        [(content.get("plate"), content.get("score")), (content.get("name"), None)],
        number(content.get("timestamp")), content.get("camera", ""),
    )  # fmt: skip
    return _kept([read], "plate", seen="plate" in content)


def axis(body: bytes) -> list[ForeignRead]:
    """Event of Axis License Plate Verifier."""
    content = as_dict(read_json(body))
    move = {"in": "towards", "out": "away"}.get(str(content.get("carMoveDirection")))
    # `datetime` names no zone
    at_s = _epoch(content.get("capture_timestamp")) or moment(content.get("datetime"), _AXIS_TIME)
    camera = content.get("sensorProviderID") or as_dict(content.get("camera_info")).get(
        "SerialNumber"
    )
    pairs = [
        (content.get("plateUnicode"), content.get("plateConfidence")),
        (content.get("plateText") or content.get("plateASCII"), content.get("plateConfidence")),
    ]
    read = read_of(pairs, at_s, camera or "", move)
    return _kept([read], "plateText", seen="plateText" in content or "plateASCII" in content)


def hikvision(body: bytes) -> list[ForeignRead]:
    """ISAPI `EventNotificationAlert`, XML or JSON, with an `ANPR` part, confidence to 100."""
    root = _alert(body)
    if _local(root) != "EventNotificationAlert":
        raise BadRead(f"the post is {_local(root)[:40]}; expected EventNotificationAlert")
    at_s = moment(_text(root, "dateTime"))
    camera = _text(root, "channelName") or _text(root, "channelID") or ""
    found = []
    for part in islice(_all(root, "ANPR"), _MOST_ANPR):
        move = {"forward": "towards", "reverse": "away"}.get(_text(part, "direction") or "")
        pairs = [(_text(part, "licensePlate"), _text(part, "confidenceLevel"))]
        pairs += [(_text(part, "originalLicensePlate"), _text(part, "confidenceLevel"))]
        found.append(read_of(pairs, at_s, camera, move, of_hundred=True))
    other = _text(root, "eventType") not in (None, "ANPR")  # a heartbeat, or another event
    return _kept(found, "ANPR", seen=bool(found) or other)


def _alert(body: bytes) -> Any:  # noqa: ANN401  (an element of lxml)
    """Take the alert out of a post; one of JSON as the elements that XML would have."""
    if body.lstrip()[:1] != b"{":
        return read_xml(_part_of_mixed(body, b"EventNotificationAlert"))
    from lxml import etree  # noqa: PLC0415  (only where it is needed)

    content = as_dict(read_json(body))
    content = as_dict(content.get("EventNotificationAlert")) or content
    root = etree.Element("EventNotificationAlert")
    waiting: list[tuple[Any, dict[str, Any]]] = [(root, content)]
    while waiting:
        above, fields = waiting.pop()
        for name in _ALERT_FIELDS & fields.keys():
            for value in as_list(fields[name]) or [fields[name]]:
                below = etree.SubElement(above, name)
                if isinstance(value, dict):
                    waiting.append((below, value))
                elif isinstance(value, str | int | float):
                    with suppress(ValueError):  # signs that XML has not
                        below.text = str(value)
    return root


def onvif(body: bytes) -> list[ForeignRead]:
    """ONVIF Profile M: `LicensePlateInfo` in frames or in events, likelihood 0 to 1."""
    root = read_xml(body)
    found = []
    for part in islice(_all(root, "LicensePlateInfo"), MOST_READS):
        above = next((each for each in part.iterancestors() if each.get("UtcTime")), None)
        at_s = None if above is None else moment(above.get("UtcTime"))
        plates = [each for each in part if _local(each) == "PlateNumber" and each.text]
        pairs = [(each.text, each.get("Likelihood")) for each in plates]
        found.append(read_of(pairs, at_s, "" if above is None else above.get("Source") or ""))
    carries = _local(root) in ("MetadataStream", "Envelope", "NotificationMessage", "Notify")
    return _kept(found, "LicensePlateInfo", seen=bool(found) or carries)


FORMATS: Final[dict[str, Callable[[bytes], list[ForeignRead]]]] = {
    "plate-recognizer": plate_recognizer,
    "openalpr": openalpr,
    "frigate": frigate,
    "hikvision": hikvision,
    "axis": axis,
    "onvif": onvif,
}


def parse_post(name: str, body: bytes) -> list[ForeignRead]:
    """Read a post of a format.

    Raises:
        BadRead: there is no such format, or the post is not of it.
    """
    form = FORMATS.get(name)
    if form is None:
        raise BadRead(f"there is no format {name[:40]}; expected one of {', '.join(FORMATS)}")
    return form(body)


def _kept(found: list[ForeignRead | None], where: str, *, seen: bool) -> list[ForeignRead]:
    if not seen:
        raise BadRead(f"the post has no {where}")
    return [read for read in found if read is not None][:MOST_READS]


def _epoch(value: object) -> float | None:
    found = number(value)
    if found is None:
        return moment(value)
    return found / _MILLI if found > _LATEST_S else found


def _part_of_mixed(body: bytes, name: bytes) -> bytes:
    """Cut the XML out of a post that also carries pictures."""
    if body.lstrip()[:1] == b"<":
        return body
    opened = re.search(rb"<(?:[\w.-]{1,40}:)?" + name + rb"[\s>]", body)
    closed = body.rfind(name + b">")
    if opened is None or closed < opened.start():
        return body
    return body[opened.start() : closed + len(name) + 1]


def _local(element: Any) -> str:  # noqa: ANN401  (of lxml)
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _all(root: Any, name: str) -> Iterator[Any]:  # noqa: ANN401  (of lxml)
    found: Iterator[Any] = root.iter("{*}" + name)
    return found


def _text(root: Any, name: str) -> str | None:  # noqa: ANN401  (of lxml)
    for each in _all(root, name):
        return (each.text or "").strip() or None
    return None
