"""What the suites share: a simulator to drive, and refusals as a client sees them."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from azure.core.exceptions import HttpResponseError

LOCATION = "westeurope"

# How long a simulator may take to start or to stop, in seconds.
PATIENCE = 30


def binary():
    """The command that AMLSECURE_BINARY names."""
    path = os.environ.get("AMLSECURE_BINARY")
    if not path:
        pytest.exit("AMLSECURE_BINARY must name the terraform-provider-amlsecure to test", returncode=4)
    if not os.access(path, os.X_OK):
        pytest.exit(f"AMLSECURE_BINARY names {path}, which is no command", returncode=4)
    return path


class Simulated:
    """A simulated Azure in a process of its own, with its certificates in `directory`."""

    def __init__(self, directory, *options):
        directory = pathlib.Path(directory)
        self.ready_file = directory / "ready.json"
        command = [binary(), "simulator", "--tls", str(directory / "tls"), "--ready-file", str(self.ready_file)]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        self.ready = self._wait()

    def _wait(self):
        end = time.monotonic() + PATIENCE
        # The file appears whole or not at all.
        while not self.ready_file.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"the simulator ended with {self.process.returncode} before it was ready")
            if time.monotonic() > end:
                self.process.kill()
                raise RuntimeError("the simulator was not ready in time")
            time.sleep(0.02)
        return json.loads(self.ready_file.read_text(encoding="utf-8"))

    @property
    def address(self):
        return self.ready["address"]

    @property
    def subscription(self):
        return self.ready["subscription_id"]

    @property
    def trust(self):
        """What every client is told: this CA, and no proxy of this machine."""
        return {"connection_verify": self.ready["ca_file"], "use_env_settings": False}

    @property
    def scope(self):
        return f"{self.address}/.default"

    @property
    def authority(self):
        """What the credentials of azure-identity are told of an authority that is no public one."""
        return {"authority": self.address, "disable_instance_discovery": True, **self.trust}

    def client(self, kind, credential, **options):
        """A management client of `kind`, which polls without a pause of its own."""
        if "subscription_id" not in options:
            options["subscription_id"] = self.subscription
        if options["subscription_id"] is None:
            del options["subscription_id"]
        return kind(
            credential,
            base_url=self.address,
            credential_scopes=[self.scope],
            polling_interval=0,
            **self.trust,
            **options,
        )

    def stop(self):
        """Asks it to end, and gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def group_id(simulated, name):
    return f"/subscriptions/{simulated.subscription}/resourceGroups/{name}"


def names(items):
    """The names of a list, all of its pages."""
    return [item.name for item in items]


@contextlib.contextmanager
def refused(code, status, kind=HttpResponseError):
    """Expects the exception that the client library has for a refusal, with Azure's code."""
    with pytest.raises(kind) as caught:
        yield caught
    error = caught.value
    assert (error.error.code, error.status_code) == (code, status), error.message
