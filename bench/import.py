"""Import of a national file (parse, check, store, hash) against pandas.read_csv alone on the same file, each in a process of its own.

Usage: import.py PROGRAM [UNITS] [--memory]. The file has UNITS rows (default 1,000,000) of 20 options and seven other columns, the same on
every run. With --memory: imports of UNITS and of ten times as many units, and what memory grows by beyond the columns themselves.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from drawn import OPTIONS, PROFILE, write_file


def run(arguments):
    """Seconds and peak memory (MiB) of one process."""
    begin = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def import_once(program, folder, name):
    case = f"{folder}/{name}.cotejo"
    if os.path.exists(case):
        os.remove(case)
    return case, run([program, "import", case, f"{folder}/profile.toml", "--input", f"{folder}/{name}.csv"])


def check(program, case, totals):
    findings = json.loads(subprocess.run([program, "count", case, "--json"], check=True, stdout=subprocess.PIPE).stdout)
    finding = findings[0] if isinstance(findings, list) else findings
    tally = next(table for table in finding["tables"] if table["id"] == "tally")
    rows = {row[0]: row[2] for row in tally["rows"]}
    assert [rows[f"P{i}"] for i in range(OPTIONS)] == totals.tolist(), "the totals are not those that were written"


def main():
    program = sys.argv[1]
    units = int(sys.argv[2]) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        open(f"{folder}/profile.toml", "w").write(PROFILE)
        sizes = [units, 10 * units] if "--memory" in sys.argv else [units]
        memory = []
        for size in sizes:
            totals = write_file(f"{folder}/{size}.csv", size)
            case, first = import_once(program, folder, str(size))
            check(program, case, totals)
            memory.append(first[1])
            if len(sizes) == 1:
                ours = [first] + [import_once(program, folder, str(size))[1] for _ in range(2)]
                peer = [run([sys.executable, "-c", f"import pandas; pandas.read_csv('{folder}/{size}.csv')"]) for _ in range(3)]
                a, b = (statistics.median(seconds for seconds, _ in runs) for runs in (ours, peer))
                print(f"import {size:,} units x {OPTIONS} options: {a:.2f} s, {max(m for _, m in ours):.0f} MiB; baseline pandas.read_csv alone: "
                      f"{b:.2f} s, {max(m for _, m in peer):.0f} MiB; ratio {a / b:.2f}")
            else:
                print(f"import {size:,} units: {first[0]:.1f} s, {first[1]:.0f} MiB at the peak")
            os.remove(case)
        if len(sizes) == 2:
            # Votes, four more numbers' columns and the place, four bytes each; the key's text and its end.
            columns = (sizes[1] - sizes[0]) * ((OPTIONS + 3 + 1) * 4 + 8 + 8) / 2**20
            print(f"memory grew by {memory[1] - memory[0]:.0f} MiB for {columns:.0f} MiB of columns: "
                  f"{(memory[1] - memory[0] - columns) * 2**20 / (sizes[1] - sizes[0]):.1f} bytes a unit beyond them")


main()
