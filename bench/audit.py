"""The whole Bolivia audit against its baseline: pandas reading the same files and adding up the same columns, nothing more."""
import statistics
import subprocess
import sys
import tempfile
import time

import pandas

program, data = sys.argv[1:3]
official = f"{data}/bolivia-2019/computo-2019-10-25.zip"
files = [
    official,
    f"{data}/bolivia-2019/trep-2019-10-20T194057.zip",
    f"{data}/bolivia-2019/trep-2019-10-21T182953.zip",
    f"{data}/bolivia-2020/recinto_2020_reconstructed.zip",
    f"{data}/bolivia-2019/unit-codes-and-arrival.zip",
]


def audit(folder):
    begin = time.perf_counter()
    subprocess.run([program, "audit", "plans/bolivia-2019.toml", "--out", f"{folder}/out", "--data", data], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def baseline():
    begin = time.perf_counter()
    for file in files:
        pandas.read_csv(file, encoding="utf-8-sig").sum(numeric_only=True)
    return time.perf_counter() - begin


with tempfile.TemporaryDirectory() as folder:
    audit(folder)
    import json

    findings = {f["id"]: f for f in json.load(open(f"{folder}/out/findings.json"))}
    votes = {row[0]: row[2] for row in findings["count-computo"]["tables"][0]["rows"]}
    assert votes["MAS"] == pandas.read_csv(official, encoding="utf-8-sig")["MAS - IPSP"].sum()
    ours, peers = [], []
    for _ in range(5):
        ours.append(audit(folder))
        peers.append(baseline())
a, b = statistics.median(ours), statistics.median(peers)
print(f"audit bolivia-2019: {a:.2f} s; baseline pandas reading and adding up the same five files: {b:.2f} s; ratio {a / b:.2f}")
