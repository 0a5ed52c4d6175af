"""`provision cloud` in a folder of its own, commands of `provision` that go through a proxy, and boto3 clients."""

import json
import os
import subprocess
from pathlib import Path

import boto3
from botocore.config import Config

from recorder import Recorder

REGION = "us-east-1"
ACCOUNT = "123456789012"


class Cloud:
    """A local cloud with a recorder in front of it."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = Path(folder)
        self.log = self.folder / "cloud.log"
        self._process = subprocess.Popen([program, "cloud"], stdout=subprocess.PIPE, stderr=self.log.open("w"),
                                         env=self._environment(), text=True, cwd=self.folder)
        # The file with the address is complete before the first line.
        if not self._process.stdout.readline():
            raise SystemExit(f"the local cloud does not start:\n{self.log.read_text()}")
        file = self.folder / ".provision/local/endpoint.json"
        endpoint = json.loads(file.read_text())
        self.key, self.secret = endpoint["access_key_id"], endpoint["secret_access_key"]
        self.recorder = Recorder(endpoint["url"])
        # Commands in the folder find the local cloud through this file.
        file.write_text(json.dumps({**endpoint, "url": self.recorder.url}))

    def close(self):
        self.recorder.close()
        self._process.terminate()
        self._process.wait()

    def run(self, *arguments):
        """Runs `provision … --local`."""
        return subprocess.run([self.program, *arguments, "--local"], cwd=self.folder, env=self._environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def client(self, service, key=None, secret=None, token=None):
        """A client through the recorder."""
        config = Config(retries={"total_max_attempts": 1}, read_timeout=120)
        return boto3.client(service, endpoint_url=self.recorder.url, region_name=REGION, config=config,
                            aws_access_key_id=key or self.key, aws_secret_access_key=secret or self.secret,
                            aws_session_token=token)

    def _environment(self):
        """Nothing of this machine's settings."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"}
