"""Fixed effects absorbed, against R's plm on the same data in the same run; and the family `arrival` on the Bolivian case.

Usage: arrival.py BIN_FOLDER [DATA_FOLDER]. Estimates and errors must agree to 1e-8 before a time is printed.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

PEER = """
suppressMessages(library(plm))
d <- read.csv(commandArgs(TRUE)[1])
t <- system.time({
  p <- pdata.frame(d, index = "g")
  m <- plm(y ~ late, data = p, model = "within")
})["elapsed"]
e <- if (nrow(d) <= 200000) sqrt(vcovHC(m, method = "arellano", type = "HC0")[1, 1]) else NA
cat(sprintf("%.17g %.17g %.6f\\n", coef(m)[["late"]], e, t))
"""


def close(a, b):
    return abs(a - b) <= 1e-8 * max(1, abs(a))


def main():
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as scratch:
        script, data = os.path.join(scratch, "peer.R"), os.path.join(scratch, "d.csv")
        with open(script, "w") as out:
            out.write(PEER)
        for units, groups in ((100_000, 5_000), (1_000_000, 50_000)):
            ours = [float(x) for x in subprocess.check_output([folder + "/bench_absorbed_regression", str(units), str(groups), data]).split()]
            peer = subprocess.run(["Rscript", script, data], capture_output=True, text=True)
            if peer.returncode != 0:
                print(f"fixed effects, {units:,} units, {groups:,} groups: {ours[2]:.3f} s (no peer: {peer.stderr.strip().splitlines()[-1:]})")
                continue
            b, e, seconds = (float(x) if x != "NA" else None for x in peer.stdout.split())
            assert close(ours[0], b), (ours, b)
            assert e is None or close(ours[1], e), (ours, e)
            print(f"fixed effects, {units:,} units, {groups:,} groups: {ours[2]:.3f} s; R plm {seconds:.1f} s; ratio {seconds / ours[2]:.0f}; "
                  f"coefficient {ours[0]:.10f}, equal to 1e-8" + ("" if e is None else ", clustered error too"))
        if len(sys.argv) > 2:
            program, case = folder + "/cotejo", os.path.join(scratch, "b.cotejo")
            names = ["2019-computo", "2019-trep-1940", "2019-trep-times", "2019-codes", "2020-precincts", "2016-referendum"]
            subprocess.run([program, "import", case, "--data", sys.argv[2]] + [f"profiles/bolivia-{n}.toml" for n in names], check=True, capture_output=True)
            begin = time.perf_counter()
            finding = json.loads(subprocess.check_output(
                [program, "rivals", case, "--count", "bo-2019/computo", "--against", "bo-2019/trep-1940", "--against", "bo-2016/referendum",
                 "--against", "bo-2020/precincts", "--arrival", "bo-2019/trep-times", "--crosswalk", "bo-2019/codes", "--option", "leader_elsewhere=SI",
                 "--option", "runner_up_elsewhere=NO", "--json"], stderr=subprocess.DEVNULL))
            assert abs(finding["estimates"]["margin_needed_points"]["value"] - 21.135858) < 5e-7
            print(f"the five methods of `arrival` on 34,555 units, 1,000 relabellings, 1,000 placebo cuts a series: {time.perf_counter() - begin:.1f} s")


main()
