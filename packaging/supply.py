#!/usr/bin/env python3
"""What a build of Cotejo is made of: versions.txt (for people) and sbom.cdx.json (CycloneDX 1.5, for programs).

    packaging/supply.py PROGRAM OUTPUT_FOLDER

Debian packages: those whose shared libraries PROGRAM loads, as the loader finds them, and those of packages.txt that are
installed (they built it). npm packages: those of web/package-lock.json, with the hashes that `npm ci` checks; the ones that
end up in the pages are "required", those that only build or test them "excluded".
The same machine and the same commit give the same bytes.
"""
import base64
import json
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def loaded_libraries(program):
    """The shared libraries that the loader maps, as real paths."""
    found = re.findall(r"=> (/\S+)|^\s*(/\S+) \(", output_of("ldd", program), re.MULTILINE)
    return sorted({str(pathlib.Path(a or b).resolve()) for a, b in found})


def packages_of(files):
    """The Debian packages that own these files, by dpkg's own list; a file that none owns is an error."""
    # A library's path may go through a link of the merged /usr: dpkg keeps the older spelling.
    spellings = {spelling: file for file in files for spelling in (file, file.removeprefix("/usr"))}
    # What one spelling does not find the other does: dpkg-query's exit code says no more than that.
    found = subprocess.run(["dpkg-query", "-S", *spellings], capture_output=True, text=True).stdout
    owners = {}
    for line in found.splitlines():
        names, _, spelling = line.rpartition(": ")
        if spelling in spellings:
            owners[spellings[spelling]] = names.split(",")[0].strip()
    if unowned := set(files) - set(owners):
        sys.exit(f"supply: no package owns {sorted(unowned)}")
    return set(owners.values())


def debian_versions(names):
    """(name, version, source package, architecture), sorted; packages that are not installed are left out."""
    form = "${Package}\t${Version}\t${source:Package}\t${Architecture}\t${db:Status-Status}\n"
    found = subprocess.run(["dpkg-query", "-W", f"-f={form}", *sorted(names)], capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in found.splitlines()]
    rows = [tuple(row[:4]) for row in rows if row[4] == "installed"]
    return sorted(set(rows))


def listed_packages():
    lines = (ROOT / "packages.txt").read_text().splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def npm_packages():
    """(name, version, integrity, whether it is in the pages)."""
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    out = []
    for path, entry in lock["packages"].items():
        if not path or entry.get("link"):
            continue
        name = entry.get("name") or path.rpartition("node_modules/")[2]
        if "integrity" not in entry:
            sys.exit(f"supply: {name} has no integrity in web/package-lock.json")
        out.append((name, entry["version"], entry["integrity"], not entry.get("dev", False)))
    return sorted(set(out))


def component_of_debian(row, linked):
    package, version, source, architecture = row
    reference = f"pkg:deb/debian/{package}@{version.replace(':', '%3A').replace('+', '%2B')}?arch={architecture}"
    return {"type": "library", "bom-ref": reference, "name": package, "version": version, "purl": reference,
            "scope": "required" if linked else "excluded",
            "properties": [{"name": "cotejo:source-package", "value": source}]}


def component_of_npm(row):
    name, version, integrity, in_pages = row
    algorithm, _, digest = integrity.partition("-")
    reference = f"pkg:npm/{name.replace('@', '%40')}@{version}"
    return {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference,
            "scope": "required" if in_pages else "excluded",
            "hashes": [{"alg": {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256", "sha1": "SHA-1"}[algorithm],
                        "content": base64.b64decode(digest).hex()}]}


def main(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    version = re.search(r"project\(cotejo VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    linked = debian_versions(packages_of(loaded_libraries(program)))
    building = [row for row in debian_versions(listed_packages()) if row not in linked]
    npm = npm_packages()

    release = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text()).group(1)
    lines = [f"Cotejo {version}, built on {release}", "", "Debian packages whose libraries the program loads:"]
    lines += [f"  {p} {v}" for p, v, _, _ in linked]
    lines += ["", "Debian packages that built it:"] + [f"  {p} {v}" for p, v, _, _ in building]
    lines += ["", "npm packages in the pages:"] + [f"  {n} {v} {i}" for n, v, i, used in npm if used]
    lines += ["", "npm packages that built or tested them:"] + [f"  {n} {v} {i}" for n, v, i, used in npm if not used]
    (folder / "versions.txt").write_text("\n".join(lines) + "\n")

    components = [component_of_debian(row, True) for row in linked] + \
                 [component_of_debian(row, False) for row in building] + [component_of_npm(row) for row in npm]
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "cotejo", "name": "cotejo", "version": version}},
        "components": components,
        "dependencies": [{"ref": "cotejo", "dependsOn": [c["bom-ref"] for c in components if c["scope"] == "required"]}]}
    # The serial number is that of the content: two honest runs write one file.
    document["serialNumber"] = "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(document, sort_keys=True)))
    (folder / "sbom.cdx.json").write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
