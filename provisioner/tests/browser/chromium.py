"""A headless Chromium, driven through the pipe of its DevTools protocol: no port, no other package."""

import base64
import json
import os
import subprocess
import tempfile

# Chromium reads commands from this descriptor and writes to the next one.
COMMANDS = 3


class Chromium:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        commands, self.send_to = os.pipe()
        self.read_from, answers = os.pipe()
        os.set_inheritable(commands, True)
        os.set_inheritable(answers, True)
        # The shell puts both pipes where Chromium expects them. As root it needs to be without its sandbox.
        script = f'exec "$@" {COMMANDS}<&{commands} {COMMANDS + 1}>&{answers}'
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"]
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", "chromium", *flags, f"--user-data-dir={self.profile.name}"],
            pass_fds=(commands, answers),
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.number = 0
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Network", "Log", "Runtime", "Accessibility"]:
            self.page(domain + ".enable")

    def message(self):
        while b"\0" not in self.buffer:
            read = os.read(self.read_from, 1 << 20)
            assert read, "Chromium has ended"
            self.buffer += read
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.send_to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def page(self, method, **parameters):
        return self.call(method, self.session, **parameters)

    def wait_for(self, event):
        while not any(seen["method"] == event for seen in self.events):
            self.events.append(self.message())

    def open(self, path, width, scheme, media=""):
        """Loads the page anew. Returns what happened meanwhile."""
        height = 900
        self.page(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.page("Emulation.setEmulatedMedia", media=media, features=[feature])
        self.events = []
        self.page("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait_for("Page.loadEventFired")
        return self.events

    def value(self, expression):
        """Of a JavaScript expression, which is run beside the page and not by it."""
        result = self.page("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"]["value"]

    def picture(self, path, width, height=None, scale=1):
        """Of the page from its top, as a whole if there is no height."""
        height = height or self.value("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        png = self.page("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(png))

    def close(self):
        self.call("Browser.close")
        self.process.wait(timeout=30)
        self.profile.cleanup()
