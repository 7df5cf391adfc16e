"""Notifications: a message to people by Apprise (mail, webhook, DingTalk, WeCom, Feishu and a hundred more).

Addresses are Apprise URLs, one a line in ``notify.txt`` of the home (readable by its owner alone, since they hold
secrets, for which reason they are no parameter of the flow: Prefect shows those to everybody), and in
``NIANBAO_NOTIFY``, separated by spaces. A message that cannot be sent is noted and never fails a run.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from flows.home import Home, HomeError
from warehouse.snapshots import write_atomically

VARIABLE = "NIANBAO_NOTIFY"


class Message(NamedTuple):
    """What to tell, and how grave it is."""

    grave: Literal["info", "success", "warning", "failure"]
    title: str
    body: str


def path_of(home: Home) -> Path:
    """The file with the addresses of a home."""
    return home.root / "notify.txt"


def addresses(home: Home) -> list[str]:
    """Whom to tell."""
    path = path_of(home)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return list(dict.fromkeys([*kept, *os.environ.get(VARIABLE, "").split()]))


def keep(home: Home, urls: list[str]) -> None:
    """Keep addresses in the home in place of those that it has.

    Raises:
        HomeError: if Apprise knows no such address.
    """
    for url in urls:
        if not _known(url):
            raise HomeError(f"{hidden(url)} is no address that Apprise knows: see its list of services, or use json://")
    write_atomically(path_of(home), "".join(f"{url}\n" for url in urls).encode())
    path_of(home).chmod(0o600)


def notify(home: Home, message: Message) -> bool:
    """Tell everybody; whether every address took it (True where there is none). Failures go to ``notify.log``."""
    urls = addresses(home)
    if not urls:
        return True
    failed = [hidden(url) for url in urls if not _send(url, message)]
    if failed:
        _note(home, f"not delivered to {', '.join(failed)}: {message.title}")
    return not failed


def _known(url: str) -> bool:
    with _quiet():
        from apprise import Apprise

        return bool(Apprise().add(url))


def _send(url: str, message: Message) -> bool:
    with _quiet():
        from apprise import Apprise, AppriseAsset

        service = Apprise(asset=AppriseAsset(app_id="nianbao", app_desc="nianbao 年报", app_url=""))
        if not service.add(url):
            return False
        return bool(service.notify(title=message.title, body=message.body, notify_type=message.grave))


@contextmanager
def _quiet() -> Iterator[None]:
    """Apprise loads its services as they are used, one of them with a module (imghdr) that warns of its age."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def hidden(url: str) -> str:
    """An address without its secrets: enough to know which one is meant."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{(parts.hostname or '')[:3]}..." if parts.scheme else "an address without ://"


def _note(home: Home, line: str) -> None:
    from datetime import UTC, datetime

    with suppress(OSError), (home.root / "notify.log").open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ} {line}\n")
