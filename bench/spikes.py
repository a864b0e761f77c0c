"""Resampling as Rozenas's spikes does it, beside the R package `spikes` on its own example of 95,045 units.

Usage: spikes.py BUILD_BIN
"""
import os
import shutil
import subprocess
import sys
import tempfile


def main():
    here, program = os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.abspath(sys.argv[1]), "bench_spikes")
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(spikes)"], capture_output=True).returncode != 0:
        print("spikes: skipped, the R package spikes is not installed (install.packages(\"spikes\"))")
        return
    with tempfile.TemporaryDirectory() as scratch:
        numbers = lambda command: [float(x) for x in subprocess.check_output(command).split()]
        theirs = numbers(["Rscript", os.path.join(here, "spikes.R"), scratch, "60"])
        same = numbers([program, scratch, "60", "1"])
        # The same task: the observed density to its printed digits, envelope and excess as two draws of it agree.
        assert abs(theirs[3] / same[3] - 1) < 1e-4, (theirs, same)
        assert abs(theirs[4] / same[4] - 1) < 0.01, (theirs, same)
        assert abs(theirs[5] / same[5] - 1) < 0.02, (theirs, same)
        one, two = numbers([program, scratch, "1000", "1"]), numbers([program, scratch, "1000", "2"])
        assert one[2:] == two[2:]
        print(f"spikes, 95,045 units: R package {1e3 * theirs[0]:.0f} ms a resample ({1e3 * theirs[1]:.0f} of processor); here, of 1,000, "
              f"one thread {1e3 * one[0]:.1f} ms ({1e3 * one[1]:.1f}), two {1e3 * two[0]:.1f} ms; ratio {theirs[0] / one[0]:.0f} and "
              f"{theirs[0] / two[0]:.0f}, of processor {theirs[1] / one[1]:.0f}")


main()
