"""A real S3 server for tests (moto's, over HTTP), which tells what it was asked and can be told to act at a request."""

import os
import threading
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any

Asked = Callable[[str, str], object]


class ObjectStore:
    """The server; ``asked`` is called with method and key (under the bucket) before each request is answered.

    It is imported here: all processes that share the test files import each of them, and two have a use for it.
    """

    def __init__(self) -> None:
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server

        class Quiet(WSGIRequestHandler):
            def log(self, *_: object) -> None:
                """Say nothing."""

        self._app = DomainDispatcherApplication(create_backend_app)
        self.puts: list[str] = []
        self.asked: Asked = lambda _method, _key: None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        method, key = environ["REQUEST_METHOD"], environ["PATH_INFO"].lstrip("/").partition("/")[2]
        self.asked(method, key)
        if method == "PUT" and key:
            self.puts.append(key)
        answer: Iterable[bytes] = self._app(environ, start)
        return answer

    def bucket(self, name: str) -> str:
        """A new bucket; its address."""
        request = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        return f"s3://{name}"

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to use it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
        }

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def without_keys() -> dict[str, str]:
    """This process's environment without anything of AWS."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
