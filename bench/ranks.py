"""The battery on one process and on two ranks of one thread each, the answers compared first.

Usage: ranks.py PROGRAM
"""
import json
import os
import subprocess
import sys
import tempfile
import time


def main():
    program = os.path.abspath(sys.argv[1])
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    profile = os.path.abspath("profiles/demo-official.toml")
    with tempfile.TemporaryDirectory() as scratch:
        run = lambda *arguments: subprocess.check_output(arguments, cwd=scratch, env=environment, stderr=subprocess.DEVNULL)
        run(program, "simulate", "--out", "e", "--option", "units=34555")
        run(program, "import", "c.cotejo", profile, "--input", "e/official.csv")
        command = [program, "run", "c.cotejo", "battery", "--threads", "1", "--json"]
        seconds, answers = [], []
        for ranks in ([], ["mpirun", "--oversubscribe", "-n", "2"]):
            begin = time.perf_counter()
            answer = json.loads(run(*ranks, *command))
            seconds.append(time.perf_counter() - begin)
            answer.pop("runtime")
            answers.append(answer)
        assert answers[0] == answers[1]
        print(f"battery, 34,555 units, 1,000 + 2 x 500 fair elections, one thread a rank: one rank {seconds[0]:.1f} s, two {seconds[1]:.1f} s; ratio {seconds[0] / seconds[1]:.2f}; same bits")


main()
