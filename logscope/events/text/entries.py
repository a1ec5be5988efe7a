"""Collectors' JSON: one object for each line that a program wrote, and what is written in it."""

from __future__ import annotations

import json

from logscope.events.text.members import decode_json


def json_string(body: bytes) -> bytes:
    """Return the bytes of a JSON string's inside; as it stands when it is no valid JSON."""
    try:
        return str(decode_json('"' + body.decode("utf-8") + '"')).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return body


def json_inside(text: str, to_ascii: bool) -> bytes:
    """Return how a text is written inside a JSON string."""
    return json.dumps(text, ensure_ascii=to_ascii)[1:-1].encode("utf-8", "replace")


def parse_object(line: bytes) -> dict[str, object] | None:
    """Return the JSON object a line holds, None when it holds none."""
    try:
        value = decode_json(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _journal_entry(entry: dict[str, object]) -> tuple[bytes, bytes]:
    message = entry.get("MESSAGE")
    if isinstance(message, list):
        body = bytes(item & 255 for item in message if isinstance(item, int))
    else:
        body = str(message if message is not None else "").encode("utf-8", "replace")
    ident = entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM") or entry.get("_SYSTEMD_UNIT") or ""
    return f"{ident}[{entry.get('_PID', '')}]".encode("utf-8", "replace"), body


def _gcp_entry(entry: dict[str, object]) -> tuple[bytes, bytes]:
    payload = entry.get("textPayload")
    if not isinstance(payload, str):
        inner = entry.get("jsonPayload")
        if isinstance(inner, dict) and "severity" in entry:
            inner = {"severity": entry["severity"], **inner}
        payload = json.dumps(inner, ensure_ascii=False)
    resource = entry.get("resource")
    labels = resource.get("labels") if isinstance(resource, dict) else None
    names = labels if isinstance(labels, dict) else {}
    keys = ("service_name", "container_name", "pod_name", "function_name", "revision_name")
    key = next((str(names[name]) for name in keys if names.get(name)), "")
    return f"{key} {entry.get('logName', '')}".encode("utf-8", "replace"), payload.encode("utf-8", "replace")


_WRITERS = ("logStreamName", "podName", "app_name", "container_name", "service")


def _pod_of(entry: dict[str, object]) -> str:
    """The pod that Fluentd, Vector and Filebeat name; empty where there is none."""
    names = entry.get("kubernetes")
    if not isinstance(names, dict):
        return ""
    pod = names.get("pod")
    return str(names.get("pod_name") or (pod.get("name") if isinstance(pod, dict) else "") or "")


def _plain_entry(entry: dict[str, object]) -> tuple[bytes, bytes]:
    text = next((entry[name] for name in ("message", "line", "Log") if name in entry), "")
    named = next((entry[name] for name in _WRITERS if isinstance(entry.get(name), str)), "")
    stream = _pod_of(entry) or str(named)
    return stream.encode("utf-8", "replace"), str(text).rstrip("\n").encode("utf-8", "replace")


def _fluent_entry(entry: dict[str, object]) -> tuple[bytes, bytes]:
    pod = _pod_of(entry) or entry.get("container_name", "")
    key = f"{pod} {entry.get('stream') or entry.get('source') or ''}".encode("utf-8", "replace")
    return key, str(entry.get("log", "")).rstrip("\n").encode("utf-8", "replace")


ENTRIES = {
    "journald-json": _journal_entry,
    "gcp-entry": _gcp_entry,
    "fluent": _fluent_entry,
    "entry": _plain_entry,
}
"""What reads an object, by the prefix's name: the writer's key, and the line."""


def entry_time(name: str, entry: dict[str, object]) -> str:
    """Return the time of an object of the prefix `name` as printed."""
    micros = ("__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP")
    others = ("timestamp", "receiveTimestamp", "time", "@timestamp", "date", "TimeStamp", "timestampInMs")
    names = micros if name == "journald-json" else others
    return next((str(entry[each]) for each in names if entry.get(each)), "")
