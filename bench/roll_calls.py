"""Positions from votes beside `ideal` of pscl and `MCMCirt1d` of MCMCpack: the same matrix, the same prior, one dimension.

Usage: roll_calls.py BUILD_BIN
The matrix is as large as a senate's year, drawn from the model (100 members, 500 votes, one cell in ten missing). Effective draws per
second of processor time, of the member whose position mixes worst and of the median one.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np

members, votes = 100, 500


def drawn():
    random = np.random.default_rng(90)
    position, slope, level = random.normal(size=members), random.normal(size=votes, scale=2), random.normal(size=votes)
    yes = position[:, None] * slope + level + random.normal(size=(members, votes)) > 0
    cells = np.where(yes, 1, -1)
    cells[random.random(size=cells.shape) < 0.1] = 0
    return cells, position


def main():
    here, program = os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.abspath(sys.argv[1]), "bench_roll_calls")
    cells, position = drawn()
    with tempfile.TemporaryDirectory() as scratch:
        matrix, ours_at, theirs_at = (os.path.join(scratch, name) for name in ("matrix", "ours", "theirs"))
        with open(matrix, "w") as out:
            out.write(f"{members} {votes}\n" + "\n".join(" ".join(map(str, row)) for row in cells) + "\n")
        words = subprocess.check_output([program, matrix, "1", "500", "2000", "2", "2", "2", ours_at], text=True).split()
        seconds, wall, least, median, rhat, right = (float(words[k]) for k in (3, 4, 5, 6, 7, 8))
        of = np.loadtxt(ours_at)
        agreement = abs(np.corrcoef(of[:, 1], position[of[:, 0].astype(int)])[0, 1])
        assert agreement > 0.98 and rhat < 1.05, (agreement, rhat)
        print(f"positions, {members} x {votes}: {seconds:.1f} s of processor, {wall:.1f} s; effective draws a second of processor {least / seconds:.0f} "
              f"(worst), {median / seconds:.0f} (median); R-hat {rhat:.3f}; {100 * right:.1f} % told right; {agreement:.3f} with the truth")
        if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(pscl); library(MCMCpack)"], capture_output=True).returncode != 0:
            print("positions: no peer, the R packages pscl and MCMCpack are not installed")
            return
        lines = subprocess.check_output(["Rscript", os.path.join(here, "roll_calls.R"), matrix, "4000", "1000", theirs_at], text=True).split("\n")
        theirs = np.loadtxt(theirs_at)
        for k, line in enumerate(line for line in lines if line.startswith(("pscl ", "mcmcpack "))):
            name, their_seconds, their_least, their_median = line.split()
            same = abs(np.corrcoef(theirs[of[:, 0].astype(int), k], of[:, 1])[0, 1])
            assert same > 0.99, (name, same)
            print(f"  {name}: ratio {least / seconds / (float(their_least) / float(their_seconds)):.0f} (worst), "
                  f"{median / seconds / (float(their_median) / float(their_seconds)):.0f} (median); positions agree at {same:.4f}")


main()
