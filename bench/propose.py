#!/usr/bin/env python3
"""Time and memory of a proposal: `cotejo profile --yes` on a file of a million rows, and on the largest published one.

Usage: propose.py PROGRAM DATA. The result is checked before it is timed. Limits: 97,699 rows in 3 s, 1,000,000 rows in 15 s and 500 MB, in processor time."""
import os
import random
import re
import resource
import subprocess
import sys
import tempfile


def run(program, *arguments):
    """What it prints, and the processor time and the most memory that it takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, "profile", *arguments], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(done.stderr)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stderr, seconds, after.ru_maxrss / 1024


def million(path):
    draw = random.Random(5)
    votes = 0
    with open(path, "w") as out:
        out.write("province,municipality,station,registered,cast,null,valid," + ",".join(f"Party {k}" for k in range(10)) + "\n")
        for i in range(1_000_000):
            parties = [draw.randint(0, 90) for _ in range(10)]
            valid, null = sum(parties), draw.randint(0, 9)
            votes += valid
            row = [f"Prov {i // 20_000}", f"Mun {i // 500}", f"{i + 1:07}", valid + null + draw.randint(20, 90), valid + null, null, valid, *parties]
            out.write(",".join(map(str, row)) + "\n")
    return votes


def check(said, units, votes):
    if f"Reads {units:,} units" not in said:
        sys.exit(f"not {units:,} units:\n{said}")
    if votes is not None and not re.search(rf"valid\s+{votes:,}", said):
        sys.exit(f"not {votes:,} votes:\n{said}")


def main():
    program, data = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        russia = os.path.join(data, "russia-2018/2018.csv.zip")
        if os.path.exists(russia):
            said, seconds, megabytes = run(program, russia, "--yes", "--out", os.path.join(folder, "r.toml"))
            check(said, 97_699, None)
            print(f"russia-2018, 97,699 rows: {seconds:.1f} s, {megabytes:.0f} MB (limit 3 s)")
        path = os.path.join(folder, "million.csv")
        votes = million(path)
        said, seconds, megabytes = run(program, path, "--yes", "--out", os.path.join(folder, "m.toml"))
        check(said, 1_000_000, votes)
        print(f"1,000,000 rows, 17 columns: {seconds:.1f} s, {megabytes:.0f} MB (limits 15 s, 500 MB)")


if __name__ == "__main__":
    main()
