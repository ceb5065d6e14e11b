#!/usr/bin/env python3
"""Compares the tables of src/kinds with Microsoft's type definitions.

    AMLSECURE_KINDS_JSON=target/kinds.json cargo test --test it kinds::dump
    .ci/kinds_against_types.py target/kinds.json ../shared/azure-types

Reported, and failed on: a row that the type does not have, a flag that
disagrees, a word that the type does not list or that we lack, and a property
that can be written but has no row. The tables may be stricter than the types
(require more, refuse to write more); where they are, it stands in STRICTER
with its reason. Python 3 and nothing else.
"""

import json
import pathlib
import sys

REQUIRED, READ_ONLY, WRITE_ONLY = 1, 2, 4

# Stand in every resource; the tables have no row for them but the tree does.
ENVELOPE = {"id", "name", "type", "apiVersion", "systemData"}

# Of a discriminated type, the variants that its table describes where it does not describe all; a body of another one
# is none of ours.
DISCRIMINATED = {}

# What we never write although the type would let us, or never expect back.
STRICTER = {
    ("Microsoft.KeyVault/vaults", "properties.vaultUri"): "Azure decides it (azurerm never sends it)",
    ("Microsoft.KeyVault/vaults", "properties.provisioningState"): "Azure decides it",
    ("Microsoft.KeyVault/vaults/secrets", "properties.value"): "a secret; ARM never answers it (REST reference)",
    ("Microsoft.OperationalInsights/workspaces/linkedServices", "properties.provisioningState"): "Azure decides it",
    ("Microsoft.Network/bastionHosts", "properties.dnsName"): "Azure decides it",
    ("Microsoft.Network/virtualNetworkGateways", "properties.vpnClientConfiguration.radiusServerSecret"): "sensitive",
    ("Microsoft.Network/virtualNetworkGateways",
     "properties.vpnClientConfiguration.radiusServers[].radiusServerSecret"): "sensitive",
    ("Microsoft.Network/connections", "properties.authorizationKey"): "sensitive",
    ("Microsoft.Network/connections", "properties.sharedKey"): "sensitive; asked for at an address of its own",
    ("Microsoft.MachineLearningServices/workspaces", "properties.discoveryUrl"): "Azure decides it",
    ("Microsoft.MachineLearningServices/workspaces", "properties.networkAcls"): "written as ipAllowlist",
    ("Microsoft.MachineLearningServices/workspaces/computes",
     "properties.properties.userAccountCredentials.adminUserPassword"): "sensitive; null on every recorded GET",
    ("Microsoft.MachineLearningServices/workspaces/computes",
     "properties.properties.userAccountCredentials.adminUserSshPublicKey"): "sensitive; null on every recorded GET",
    ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.relayConnectionString"):
        "sensitive; listed by an action",
    ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.serviceBusConnectionString"):
        "sensitive; listed by an action",
    ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.administratorAccount"):
        "null on every recorded GET; listed by an action",
    ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.databricksAccessToken"):
        "listed by an action",
    ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.sslConfiguration.cert"):
        "not answered (azurerm)",
    ("Microsoft.MachineLearningServices/workspaces/computes", "properties.properties.sslConfiguration.key"):
        "not answered (azurerm)",
    ("Microsoft.MachineLearningServices/workspaces/connections", "properties.credentials"):
        "null on every GET; listed by an action",
    ("Microsoft.MachineLearningServices/workspaces/datastores", "properties.credentials.secrets"):
        "null on every GET; listed by an action",
}

# Secrets that the definitions do not mark as sent only; no service answers them.
SECRETS = {
    "adminPassword", "configurationProtectedSettings", "customData", "domainUserPassword", "password",
    "protectedSettings", "secret", "secureValue", "serverAppSecret", "storageAccountKey", "workspaceKey",
}

# Sent only for other reasons.
STRICTER |= {
    ("Microsoft.HDInsight/clusters", "properties.clusterDefinition.configurations"): "holds the gateway's password",
    ("Microsoft.HDInsight/clusters", "properties.storageProfile"): "not answered (azurerm)",
    ("Microsoft.HDInsight/clusters", "properties.computeProfile.roles[].osProfile.linuxOperatingSystemProfile"
     ".sshProfile"): "not answered (azurerm)",
}

# Of another version line of their namespace, which not every extract of the definitions holds.
PERHAPS_UNDEFINED = {"microsoft.compute/disks"}

# Words that the tables leave out on purpose.
UNLISTED = {}

# What Azure answers in an element: an identity that a client may repeat but never sets.
ELEMENT_IDENTITY = {"id", "type", "etag"}


class Types:
    """The definitions of one namespace and version: an array of types that refer to each other by index."""

    def __init__(self, file):
        self.types = json.loads(file.read_text(encoding="utf-8"))

    def get(self, reference):
        return self.types[int(reference["$ref"].removeprefix("#/"))]

    def bodies(self):
        for entry in self.types:
            if entry["$type"] == "ResourceType":
                yield entry["name"], entry["body"]

    def fields(self, entry, only=None):
        """(name, property) of an object; of a discriminated one, those of all its variants in `only`."""
        found = list((entry.get("properties") or {}).items())
        if entry["$type"] == "DiscriminatedObjectType":
            found = list(entry["baseProperties"].items())
            variants = [self.get(variant)["properties"]
                        for word, variant in entry["elements"].items() if only is None or word in only]
            for variant in variants:
                for name, prop in variant.items():
                    # A table cannot demand what only some variants have.
                    everywhere = all(name in other for other in variants)
                    found.append((name, prop if everywhere else prop | {"flags": prop["flags"] & ~REQUIRED}))
        return found

    def words(self, entry):
        """The words of a union of literals (or of a single literal), else None."""
        if entry["$type"] == "StringLiteralType":
            return {entry["value"]}
        if entry["$type"] != "UnionType":
            return None
        literals = [self.get(element) for element in entry["elements"]]
        return {one["value"] for one in literals if one["$type"] == "StringLiteralType"} or None


class Comparison:
    """One kind against its type."""

    def __init__(self, kind, types):
        self.type = kind["type"]
        self.types = types
        self.rows = {row["path"]: row for row in kind["rows"]}
        self.seen = set()
        self.words = {}
        self.complaints = []
        self.only = DISCRIMINATED.get(self.type)

    def complain(self, path, text):
        line = f"{self.type}: {path}: {text}"
        if line not in self.complaints:
            self.complaints.append(line)

    def run(self, body):
        self.walk_fields(body, "", frozenset())
        for path, words in self.words.items():
            ours = set(self.rows[path]["values"])
            fold = {word.lower() for word in words}
            if extra := {word for word in ours if word.lower() not in fold}:
                self.complain(path, f"the type has no {sorted(extra)}")
            folded = {word.lower() for word in ours}
            missing = {word for word in words if word.lower() not in folded}
            if missing and (self.type, path) not in UNLISTED:
                self.complain(path, f"the type also has {sorted(missing)}")
        for path in sorted(set(self.rows) - self.seen):
            if path not in ENVELOPE and not path.endswith((".systemData", "].id", "].name", "].type")):
                self.complain(path, "the type has no such property")
        return self.complaints

    def walk_fields(self, entry, path, above):
        for name, prop in self.types.fields(entry, self.only):
            if not path and name in ENVELOPE:
                continue
            self.walk(prop["type"], f"{path}.{name}" if path else name, prop["flags"], above)
        if "additionalProperties" in entry:
            self.walk(entry["additionalProperties"], path + "{}", 0, above)

    def walk(self, reference, path, flags, above):
        entry = self.types.get(reference)
        row = self.rows.get(path)
        if row:
            self.seen.add(path)
            self.compare_flags(row, path, flags)
            if row["values"] is not None and (words := self.types.words(entry)):
                self.words.setdefault(path, set()).update(words)
            if row["shape"] in ("Any", "Map") and not any(other.startswith(path + ".") for other in self.rows):
                return
        kind = entry["$type"]
        if flags & READ_ONLY and not row:
            self.walk_answer(reference, path, above)
        elif kind == "ArrayType":
            if not row:
                self.complain(path, "can be written but has no row")
            self.walk(entry["itemType"], path + "[]", 0, above)
        elif kind in ("ObjectType", "DiscriminatedObjectType"):
            if flags & REQUIRED and not row:
                self.complain(path, "is required, as an object")
            if self.is_reference(path):
                self.seen.add(path + ".id")
            elif reference["$ref"] not in above:
                self.walk_fields(entry, path, above | {reference["$ref"]})
        elif not row and path.rpartition(".")[2] not in ELEMENT_IDENTITY:
            self.complain(path, "can be written but has no row")

    def walk_answer(self, reference, path, above):
        """Below something answered only: nothing is missing there, but rows that stand there are known."""
        entry = self.types.get(reference)
        if entry["$type"] == "ObjectType" and any(other.startswith(path + ".") for other in self.rows):
            for name, prop in self.types.fields(entry):
                below = f"{path}.{name}"
                if below in self.rows:
                    self.seen.add(below)
                    self.compare_flags(self.rows[below], below, prop["flags"] | READ_ONLY)
                self.walk_answer(prop["type"], below, above)

    def is_reference(self, path):
        """Whether the only row below `path` is its id: another resource is named here, not written."""
        below = [row for other, row in self.rows.items() if other.startswith(path + ".")]
        return [(row["path"], row["shape"]) for row in below] == [(path + ".id", "Id")]

    def is_stricter(self, path):
        """Whether the path, or what it lies in, stands among the exceptions."""
        steps = path.split(".")
        return any((self.type, ".".join(steps[:end])) in STRICTER for end in range(1, len(steps) + 1))

    def compare_flags(self, row, path, flags):
        if flags & REQUIRED and not flags & READ_ONLY and not row["required"]:
            self.complain(path, "is required")
        if flags & READ_ONLY and not row["readOnly"]:
            self.complain(path, "is only answered")
        stricter = self.is_stricter(path) or path.rpartition(".")[2] in ELEMENT_IDENTITY
        if row["readOnly"] and not flags & READ_ONLY and not stricter:
            self.complain(path, "can be written, the table says it is only answered")
        if flags & WRITE_ONLY and not row["writeOnly"]:
            self.complain(path, "is only sent")
        secret = path.rpartition(".")[2] in SECRETS
        if row["writeOnly"] and not flags & WRITE_ONLY and not stricter and not secret:
            self.complain(path, "is answered, the table says it is only sent")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    kinds = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    wanted = {f"{kind['type']}@{kind['apiVersion']}".lower(): kind for kind in kinds}
    complaints = []
    for file in sorted(pathlib.Path(sys.argv[2]).glob("*/*/*/types.json")):
        namespace, version = file.parts[-3].lower(), file.parts[-2].lower()
        if not any(key.startswith(namespace + "/") and key.endswith("@" + version) for key in wanted):
            continue
        types = Types(file)
        for name, body in types.bodies():
            if kind := wanted.pop(name.lower(), None):
                complaints += Comparison(kind, types).run(types.get(body))
    complaints += [
        f"{name}: no type definition" for name in sorted(wanted) if name.split("@")[0] not in PERHAPS_UNDEFINED
    ]
    print("\n".join(complaints) or f"{len(kinds)} kinds agree with their types")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
