"""A proxy on 127.0.0.1 that records each request with its response."""

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# That of the local cloud, and DynamoDB's, by which the function opens its connection early.
HEALTH_CHECKS = ("/_local", "/ping")


@dataclass(frozen=True)
class Exchange:
    """A request and its response, as they were on the wire."""

    phase: str
    method: str
    target: str
    headers: dict  # names in lowercase
    body: bytes
    status: int
    answer_headers: dict  # names in lowercase
    answer: bytes


class Recorder:
    """The proxy, and what it has recorded so far."""

    def __init__(self, upstream):
        self.exchanges = []
        self.phase = "none"
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self, upstream))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def add(self, exchange):
        with self._lock:
            self.exchanges.append(exchange)

    def close(self):
        self._server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # More than `up` opens at once.
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Prints nothing: a client that closes its connection is no fault."""


def _handler(recorder, upstream):
    """A handler that passes requests on with every header as it came: the signature covers `Host`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Otherwise a body waits for the acknowledgment of its head.
        disable_nagle_algorithm = True

        def serve(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers, answer = _send(upstream, self.command, self.path, self.headers, body)
            if not self.path.startswith(HEALTH_CHECKS):
                recorder.add(Exchange(recorder.phase, self.command, self.path,
                                      _lower(self.headers.items()), body,
                                      status, _lower(headers), answer))
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = serve

        def log_message(self, *_):
            """Prints nothing: the requests are recorded."""

    return Handler


def _send(upstream, method, target, headers, body):
    connection = http.client.HTTPConnection(upstream.removeprefix("http://"), timeout=120)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        if name.lower() not in ("connection", "expect"):
            connection.putheader(name, value)
    connection.endheaders(body or None)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, response.getheaders(), answer


def _lower(headers):
    return {name.lower(): value for name, value in headers}
