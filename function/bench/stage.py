"""The stage the contestants play on: Lambda's Runtime API and a DynamoDB, both on 127.0.0.1.

The table answers every call with `{}` at once, over TLS with a CA made on the spot, so that all
time and all instructions are the contestant's own.
"""

import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

NEXT = "/2018-06-01/runtime/invocation/next"
PATIENCE_S = 180  # valgrind starts Rust in seconds; a contestant that says nothing for this is dead


class Peer:
    """The other end of one HTTP/1.1 connection."""

    def __init__(self, sock):
        self.sock, self.pending = sock, b""
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _read_until(self, enough):
        while not enough():
            data = self.sock.recv(1 << 16)
            if not data:
                raise ConnectionError("closed")
            self.pending += data

    def request(self):
        """The next request: method, path, lower-case head, body."""
        self._read_until(lambda: b"\r\n\r\n" in self.pending)
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        head = head.lower()
        length = re.search(rb"\r\ncontent-length: *(\d+)", head)
        length = int(length.group(1)) if length else 0
        self._read_until(lambda: len(self.pending) >= length)
        body, self.pending = self.pending[:length], self.pending[length:]
        return method, path, head, body

    def answer(self, status, headers, body):
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        self.sock.sendall(head.encode() + body)


def listener():
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(16)
    return sock


def certificates(folder):
    """A CA and a certificate for localhost, RSA-2048 as DynamoDB's are; their paths."""

    def path(name):
        return os.path.join(folder, name)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    usage = {
        "ca": "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n",
        "leaf": "basicConstraints=CA:false\nsubjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n",
    }
    for name, extensions in usage.items():
        with open(path(name + ".ext"), "w") as file:
            file.write(extensions)
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN=bench {name}",
                "-keyout", path(name + ".key"), "-out", path(name + ".csr"))
    common = ("x509", "-req", "-days", "2")
    openssl(*common, "-in", path("ca.csr"), "-signkey", path("ca.key"),
            "-extfile", path("ca.ext"), "-out", path("ca.pem"))
    openssl(*common, "-in", path("leaf.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-extfile", path("leaf.ext"), "-out", path("leaf.pem"))
    return path("ca.pem"), path("leaf.pem"), path("leaf.key")


class Table:
    """DynamoDB, in a process of its own, so that it shares no interpreter with the clock."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.ca, leaf, key = certificates(self.folder.name)
        sock = listener()
        self.url = f"https://localhost:{sock.getsockname()[1]}"
        self.puts, child_end = os.pipe()
        os.set_blocking(self.puts, False)
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(KeyboardInterrupt):
                self._serve(sock, leaf, key, child_end)
            os._exit(0)
        sock.close()
        os.close(child_end)

    def _serve(self, sock, leaf, key, puts):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf, key)
        parent = os.getppid()
        headers = {"Content-Type": "application/x-amz-json-1.0", "x-amz-crc32": "2745614147"}

        def talk(plain):
            with contextlib.suppress(OSError, ValueError):
                peer = Peer(context.wrap_socket(plain, server_side=True))
                while True:
                    _, _, head, _ = peer.request()
                    peer.answer("200 OK", headers, b"{}")
                    if b"dynamodb_20120810.putitem" in head:
                        os.write(puts, b"p")

        sock.settimeout(1)
        while os.getppid() == parent:  # ends with a bench that was killed
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=talk, args=(sock.accept()[0],), daemon=True).start()

    def puts_so_far(self):
        """PutItem calls since the last time this was asked."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self.puts, 1 << 16):
                count += len(data)
        return count

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.folder.cleanup()


class Show:
    """One contestant on the stage, from its start to its end."""

    def __init__(self, command, table, event, variables=None):
        self.event = event
        self.api = listener()
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.getsockname()[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "RequestUnicorn",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_REGION": "us-west-2",
            "AWS_ACCESS_KEY_ID": "ASIABENCH",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_SESSION_TOKEN": "bench" * 60,
            "AWS_ENDPOINT_URL_DYNAMODB": table.url,
            "EXTRA_CA": table.ca,
            "NODE_EXTRA_CA_CERTS": table.ca,
            "TABLE_NAME": "Rides",
        } | (variables or {})
        self.peers = selectors.DefaultSelector()
        self.peers.register(self.api, selectors.EVENT_READ)
        self.waiting = None
        self.command = command
        program = shutil.which(command[0])
        null = os.open(os.devnull, os.O_RDWR)
        files = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
        # Not subprocess: what it does around a fork is as long as an init.
        self.started = time.perf_counter()
        self.pid = os.posix_spawn(program, command, environment, file_actions=files)
        os.close(null)

    def _request(self):
        while True:
            ready = self.peers.select(PATIENCE_S)
            if not ready or os.waitpid(self.pid, os.WNOHANG)[0]:
                raise RuntimeError(f"{self.command[-1]} ended or fell silent")
            for key, _ in ready:
                if key.fileobj is self.api:
                    peer = Peer(self.api.accept()[0])
                    self.peers.register(peer.sock, selectors.EVENT_READ, peer)
                    continue
                try:
                    return key.data, *key.data.request()
                except OSError:
                    self.peers.unregister(key.fileobj)

    def ready(self):
        """Seconds until it asked for its first event."""
        # Straight to the first connection: a selector would add a tenth to a short init.
        self.api.settimeout(PATIENCE_S)
        peer = Peer(self.api.accept()[0])
        data = peer.sock.recv(1 << 16)
        took = time.perf_counter() - self.started
        peer.pending = data
        _, path, _, _ = peer.request()
        if path != NEXT:
            raise RuntimeError(f"asked for {path} first")
        self.peers.register(peer.sock, selectors.EVENT_READ, peer)
        self.waiting = peer
        return took

    def ride(self, number):
        """Seconds from event to answer, and the answer."""
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": f"11111111-0000-4000-8000-{number:012x}",
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 10_000),
            "Lambda-Runtime-Invoked-Function-Arn":
                "arn:aws:lambda:us-west-2:123456789012:function:RequestUnicorn:live",
            "Lambda-Runtime-Trace-Id": "Root=1-69220000-0123456789abcdef01234567;Sampled=0",
        }
        begun = time.perf_counter()
        self.waiting.answer("200 OK", headers, self.event)
        peer, _, path, _, body = self._request()
        took = time.perf_counter() - begun
        peer.answer("202 Accepted", {}, b"")
        answer = json.loads(body)
        if not path.endswith("/response") or answer.get("statusCode") != 201:
            raise RuntimeError(f"{path}: {body[:300]!r}")
        self.waiting, _, _, _, _ = self._request()
        return took, answer

    def cpu(self):
        """Seconds of CPU that all its threads have used."""
        total = 0
        tasks = f"/proc/{self.pid}/task"
        for task in os.listdir(tasks):
            with contextlib.suppress(OSError), open(f"{tasks}/{task}/schedstat") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def peak_memory(self):
        """Megabytes."""
        with open(f"/proc/{self.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) / 1024

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        for _ in range(2000):  # valgrind writes its counts first
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
            time.sleep(0.01)
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for key in list(self.peers.get_map().values()):
            key.fileobj.close()
        self.peers.close()
