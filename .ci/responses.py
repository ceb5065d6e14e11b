#!/usr/bin/env python3
"""Keeps of recorded traffic what the simulator answered, for the contract checker.

    .ci/responses.py target/kinds.json target/traffic/raw/*.ndjson > answers.ndjson

What clients that are not ours sent, and what tests sent to be refused, is
theirs. Answers have the shape of a version that our tables describe, so they
are held against that: the one that was asked for, or else the first of the
type, before its preview. Python 3 and nothing else.
"""

import json
import re
import sys
from urllib.parse import parse_qs, urlsplit


# References that the definitions describe as whole resources, while Azure answers with
# their ids alone (recorded: azure-cli, test_network_vpn_gateway).
REFERENCES = {
    "microsoft.network/connections": ["virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2"],
}


def complete(kind, response):
    """Gives the references of a body, or of the items of a list, the properties that the definitions demand."""
    for body in response.get("value") or [response]:
        for name in REFERENCES.get(kind, ()):
            if reference := (body.get("properties") or {}).get(name):
                reference["properties"] = {}


# Types whose definitions not every extract holds (see kinds_against_types.py).
PERHAPS_UNDEFINED = {"microsoft.compute/disks"}


def resource_type(path):
    """The type that a path ends in: Microsoft.Network/virtualNetworks/subnets."""
    head, found, tail = path.rpartition("/providers/")
    if not found:
        group = re.fullmatch(r"/subscriptions/[^/]+/resourcegroups(/[^/]+)?", path, re.I)
        return "Microsoft.Resources/resourceGroups" if group else None
    parts = tail.strip("/").split("/")
    return "/".join([parts[0], *parts[1::2]])


def main():
    kinds, *files = sys.argv[1:]
    with open(kinds, encoding="utf-8") as file:
        versions = {}
        for kind in json.load(file):
            versions.setdefault(kind["type"].lower(), []).append(kind["apiVersion"])
    for name in files:
        with open(name, encoding="utf-8") as file:
            for line in file:
                record = json.loads(line)
                if record["status"] >= 300 or "response" not in record:
                    continue
                url = urlsplit(record["url"])
                kind = resource_type(url.path) or ""
                # A POST names an action after the resource.
                ours = versions.get(kind.lower()) or versions.get(kind.rpartition("/")[0].lower())
                if ours is None or kind.lower() in PERHAPS_UNDEFINED:
                    continue
                record.pop("request", None)
                if kind.lower() in REFERENCES:
                    complete(kind.lower(), record["response"])
                asked = parse_qs(url.query).get("api-version", [None])[0]
                record["url"] = f"{url.path}?api-version={asked if asked in ours else ours[0]}"
                print(json.dumps(record))


if __name__ == "__main__":
    main()
