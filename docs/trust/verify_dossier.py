#!/usr/bin/env python3
"""Checks a dossier as docs/trust.md defines it (sections 1 to 14), with nothing of the program that made it.

Usage: verify_dossier.py DIR [PUBLIC_KEY.pem]      exit code 0: it holds; 3: it does not, and why is printed
Python 3.11 or newer. The signature is checked with the command `openssl`; of a time stamp, that it
names this manifest (the rest with `openssl ts -verify`)."""
import base64, hashlib, json, os, re, stat, subprocess, sys, tempfile, tomllib

BESIDE = {"manifest.json", "SHA256SUMS", "runtime.json"}
SIGNATURE = {"manifest.json.minisig", "manifest.json.sig", "manifest.json.pub"}
MOST = 256 << 20  # bytes of a file that is read as a whole
KEY_PREFIX = bytes.fromhex("302a300506032b6570032100")  # RFC 8410


class Fault(Exception):
    pass


def need(true, what):
    if not true:
        raise Fault(what)


def entries(folder):  # section 1
    found = {}
    for where, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(where, name)
            mode = os.lstat(path).st_mode
            need(stat.S_ISREG(mode) or stat.S_ISDIR(mode), f"{path}: not a regular file")
            if stat.S_ISREG(mode):
                found[os.path.relpath(path, folder)] = os.lstat(path).st_size
    return found


def read(folder, name):
    path = os.path.join(folder, name)
    need(os.path.isfile(path) and os.path.getsize(path) <= MOST, f"{name}: missing or too large")
    with open(path, "rb") as file:
        return file.read()


def stem(name):  # section 8
    out = ""
    for byte in name.encode():
        plain = re.fullmatch(r"[A-Za-z0-9_-]", chr(byte)) or (byte == 46 and out)
        out += chr(byte) if plain else f"%{byte:02X}"
    return out


def cell(value):  # section 9
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return re.sub(r"\.0$", "", repr(value))
    number = re.fullmatch(r"[+]?-?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?", value)
    text = "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") and value and not number else value
    quote = re.search(r'[,;|\t"\r\n]', text) or text.strip(" \t\r\n\v\f") != text
    return '"' + text.replace('"', '""') + '"' if quote else text


def csv(table):
    rows = [[column["name"] for column in table["columns"]]] + table["rows"]
    return "".join(",".join(map(cell, row)) + "\r\n" for row in rows).encode()


def files_of(findings):  # sections 7 to 9: path -> CSV, or the JSON value
    out, taken = {}, set()

    def add(name, ending, content):
        full, i = name + ending, 2
        while full.lower() in taken:
            full, i = f"{name}~{i}{ending}", i + 1
        taken.add(full.lower())
        out[full] = content

    for finding in findings:
        add("findings/" + stem(finding["id"]), ".json", finding)
        for table in finding["tables"]:
            add("tables/" + stem(finding["id"]) + "." + stem(table["id"]), ".csv", csv(table))
    return out


def check_signature(folder, manifest, demanded):  # section 13
    key = base64.b64decode(read(folder, "manifest.json.pub").decode().strip().splitlines()[-1], validate=True)
    need(len(key) == 42 and key[:2] == b"Ed", "manifest.json.pub: not a public key")
    lines = read(folder, "manifest.json.minisig").decode().rstrip("\n").split("\n")
    need(len(lines) == 4 and lines[0].startswith("untrusted comment: ") and lines[2].startswith("trusted comment: "),
         "manifest.json.minisig: not in minisign's format")
    inner, outer = base64.b64decode(lines[1], validate=True), base64.b64decode(lines[3], validate=True)
    need(len(inner) == 74 and inner[:2] == b"Ed", "manifest.json.minisig: not an Ed25519 signature")
    with tempfile.TemporaryDirectory() as temporary:
        def holds(message, signature):
            names = {n: os.path.join(temporary, n) for n in ("key", "message", "signature")}
            pem = "-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(KEY_PREFIX + key[10:]).decode() + "\n-----END PUBLIC KEY-----\n"
            for name, content in (("key", pem.encode()), ("message", message), ("signature", signature)):
                with open(names[name], "wb") as file:
                    file.write(content)
            return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", names["key"], "-rawin", "-in", names["message"],
                                   "-sigfile", names["signature"]], capture_output=True).returncode == 0
        need(holds(manifest, read(folder, "manifest.json.sig")), "manifest.json.sig: does not hold")
        need(holds(manifest, inner[10:]), "manifest.json.minisig: does not hold")
        need(holds(inner[10:] + lines[2][len("trusted comment: "):].encode(), outer), "manifest.json.minisig: its comment does not hold")
    if demanded:
        with open(demanded) as file:
            wanted = base64.b64decode("".join(file.read().splitlines()[1:-1]))
        need(wanted == KEY_PREFIX + key[10:], "manifest.json.pub: not the key demanded")


def check(folder, demanded):
    found = entries(folder)
    text = read(folder, "manifest.json")
    manifest = json.loads(text)
    need(manifest["schema"] == "cotejo.manifest/2", "manifest.json: another schema")
    files = {entry["path"]: entry for entry in manifest["files"]}
    need(len(files) == len(manifest["files"]), "manifest.json: a path twice")
    for path, entry in files.items():  # sections 2 to 4
        need(path and not any(part in ("", ".", "..") for part in path.split("/")), f"{path}: outside the dossier")
        need(path not in BESIDE | SIGNATURE | {"manifest.json.tsr"}, f"{path}: must not be in the manifest")
        need(found.get(path) == entry["bytes"], f"{path}: missing or of another size")
        need(hashlib.sha256(read(folder, path)).hexdigest() == entry["sha256"], f"{path}: changed")
    need(BESIDE <= found.keys(), "a file of the dossier is missing")
    extra = found.keys() - files.keys() - BESIDE - SIGNATURE - {"manifest.json.tsr"}
    need(not extra, f"added: {sorted(extra)}")
    need("manifest.json.tsr" not in found or any(hashlib.new(h, text).digest() in read(folder, "manifest.json.tsr") for h in ("sha256", "sha384", "sha512")),
         "manifest.json.tsr: not of this manifest")  # section 14
    sums = "".join(f"{digest}  {path}\n" for path, digest in [("manifest.json", hashlib.sha256(text).hexdigest())]
                   + sorted(((p, e["sha256"]) for p, e in files.items()), key=lambda pair: pair[0].encode()))
    need(read(folder, "SHA256SUMS") == sums.encode(), "SHA256SUMS: not the manifest's hashes")
    need(json.loads(read(folder, "runtime.json"))["schema"] == "cotejo.runtime/1", "runtime.json: another schema")
    findings = json.loads(read(folder, "findings.json"))
    need(isinstance(findings, list) and findings, "findings.json: not a list of findings")
    expected = files_of(findings)
    for path, content in expected.items():
        if path in files:
            there = read(folder, path)
            need((there == content) if path.endswith(".csv") else (json.loads(there) == content), f"{path}: not what findings.json has")
    names = set(expected) | {"findings.json", "plan.toml", "report.html"} | ({"tables/evidence.csv", "answers.json"} & files.keys())
    for entry in manifest["inputs"]:  # section 10
        if entry["role"] == "profile" or manifest["synthetic"]:
            name = entry["path"] if entry["role"] == "profile" else "inputs/" + entry["path"]
            names.add(name)
            need(name in files and files[name]["sha256"] == entry["sha256"], f"{name}: not the input that the manifest names")
    need(names == files.keys(), f"not the files that the findings demand: {sorted(names ^ files.keys())}")
    plan = tomllib.loads(read(folder, "plan.toml").decode())
    need(files["plan.toml"]["sha256"] == manifest["plan"]["sha256"] and plan["id"] == manifest["plan"]["id"]
         and plan["seed"] == manifest["seed"] and ("simulate" in plan) == manifest["synthetic"], "plan.toml: not the manifest's plan")
    counts = {(c["id"], c["sha256"], c["units"]) for c in manifest["counts"]}
    for finding in findings:
        for entry in finding["inputs"]:
            need("count" not in entry or (entry["count"], entry["sha256"], entry["units"]) in counts,
                 f"finding {finding['id']}: its count is not the manifest's")
    if found.keys() & SIGNATURE or demanded:
        need(SIGNATURE <= found.keys(), "the signature is not whole, or there is none")
        check_signature(folder, text, demanded)
        return "signed"
    return "NOT SIGNED: its files fit one another; who made them is not shown"


if __name__ == "__main__":
    try:
        print("The dossier holds:", check(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
    except (Fault, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as fault:
        print(f"The dossier does not hold: {type(fault).__name__}: {fault}")
        sys.exit(3)
