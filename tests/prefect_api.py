"""Questions to a real Prefect server, put again while it is too busy to answer, as Prefect's own client puts them."""

import time
from http import HTTPStatus
from typing import Any

import httpx

BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE}
"""What the client of Prefect asks again upon; 503 while another process holds the database, as after a kill."""
PAUSES = (1, 2, 4, 8, 16, 30, 30)
"""Seconds between one question and the next; what the server says last is told, whatever it is."""


def put(url: str, question: dict[str, Any] | None) -> httpx.Response:
    """What the server answers, which may be a refusal; without a question, what is at the address."""
    for pause in (*PAUSES, 0):
        method = "GET" if question is None else "POST"
        answer = httpx.request(method, url, json=question, timeout=120, trust_env=False)
        if answer.status_code not in BUSY:
            break
        time.sleep(pause)
    return answer


def read(url: str) -> Any:
    """What is at an address.

    Raises:
        httpx.HTTPStatusError: the server has another answer.
    """
    return put(url, None).raise_for_status().json()


def ask(url: str, **question: Any) -> Any:
    """The answer to a question, or what the server made of an order.

    Raises:
        httpx.HTTPStatusError: the server refuses.
    """
    return put(url, question).raise_for_status().json()
