"""Addresses: which URLs may be fetched. A list of sources must not become a way into the network that runs it."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from transforms.document import Refused


def check_url(url: str, *, allow_private: bool) -> str:
    """Return the host of ``url`` if it may be fetched.

    Raises:
        Refused: ``fetch_failed`` if it is not http(s), names no host, or its host has a private, loopback or otherwise
            not globally reachable address and ``allow_private`` is false.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("fetch_failed", f"只支持 http 和 https 地址：{url} / only http and https addresses are fetched")
    if not allow_private:
        for address in _addresses(parts.hostname):
            check_address(address, url)
    return parts.hostname


def check_address(address: str, url: str) -> None:
    """Raise Refused (``fetch_failed``) if ``address``, to which ``url`` leads, is not a public one."""
    plain = address.split("%", 1)[0]
    if not ipaddress.ip_address(plain).is_global:
        detail = f"{url} 指向内网地址 {plain}；确需读取请用 --allow-private / leads to a private address"
        raise Refused("fetch_failed", detail)


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(
            "fetch_failed", f"域名无法解析：{host}，请核对网址 / host not found: check the address"
        ) from error
    return [str(entry[4][0]) for entry in found]
