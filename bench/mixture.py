"""Effective samples of pi a second: `mixture` on a count, all cores, beside JAGS with the published model qbl on a slice of its units.

JAGS takes too long for a whole country: its time for an iteration is measured on the slice and taken to be linear in units, its effective
samples an iteration to be those of the slice. Ours is checked first: every quantity has mixed. Figures are seconds of the processor; ours are of the whole run, with the
controls and trials that cannot be switched off, and so too many.
Usage: mixture.py PROGRAM CASE COUNT
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

SLICE, BURN, KEPT = 500, 200, 400
MODEL = os.path.abspath("src/methods/mixture/tests/jags/qbl.jags")


def timed(command, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.check_output(command, cwd=folder, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def jags(folder, rows, kept):
    columns = {"N": 5, "A": 6, "W": 7}
    with open(f"{folder}/data.R", "w") as data:
        for name, at in columns.items():
            print(f"{name} <- c({', '.join(str(row[at]) for row in rows)})", file=data)
        print(f"n <- {len(rows)}", file=data)
    with open(f"{folder}/run.cmd", "w") as commands:
        print(f'model in "{MODEL}"\ndata in "data.R"\ncompile, nchains(1)\ninitialize\nadapt {BURN}', file=commands)
        if kept:
            print(f"monitor pi\nupdate {kept}\ncoda *", file=commands)
    return timed(["jags", "run.cmd"], folder)[1]


def main():
    program, case, count = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as scratch:
        options = ["fair_elections=1", "trial_units=100", "list_limit=1000000"]
        command = [program, "mixture", case, "--count", count, "--json"] + [x for o in options for x in ("--option", o)]
        out, seconds = timed(command, scratch)
        finding = json.loads(out)
        tables = {table["id"]: table for table in finding["tables"]}
        diagnostics = {row[0]: row for row in tables["diagnostics"]["rows"]}
        assert all(row[4] for row in diagnostics.values()), diagnostics
        units = sorted(tables["units"]["rows"])
        ours = diagnostics["pi_none"][2]
        print(f"mixture: {len(units):,} units, 4 chains, all mixed; {seconds:.1f} s of the processor, effective sample of pi_none {ours:.0f}: {ours / seconds:.2f} a second")
        if not shutil.which("jags") or not shutil.which("Rscript"):
            print("jags: skipped, it is not installed")
            return
        voted = [row for row in units if row[6] < row[5]]
        rows = voted[:: max(1, len(voted) // SLICE)]
        iteration = (jags(scratch, rows, KEPT) - jags(scratch, rows, 0)) / KEPT
        code = f'x <- read.table("CODAchain1.txt")[1:{KEPT}, 2]; cat(posterior::ess_bulk(x))'
        ess = float(timed(["Rscript", "-e", code], scratch)[0])
        whole = iteration * len(units) / len(rows)
        theirs = ess / KEPT / whole
        print(f"jags qbl: {len(rows)} units, {1000 * iteration:.1f} ms an iteration, effective sample of pi_none {ess:.1f} in {KEPT}; extrapolated to {len(units):,} units: "
              f"{whole:.2f} s an iteration, {theirs:.4f} a second; ratio {ours / seconds / theirs:.0f} (below some 100 an effective sample is hardly measured; "
              f"were it 2 in 40 iterations: ratio {ours / seconds * 20 * whole:.0f})")


main()
