"""Import, open, audit and unit look-ups against another version of the program, run in turn: OTHER, PROGRAM, OTHER, ...

Usage: against.py PROGRAM OTHER [DATA] [--pairs N] [--units N]. OTHER: an earlier version's program, the baseline. DATA: the folder of
published files; without it only the drawn file is used. The figures of both versions are compared before anything is timed. Printed for
each: the median and the minimum of the processor seconds and of the seconds that pass, and the median of the ratios pair by pair.
"""
import argparse
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.parse

from drawn import OPTIONS, PROFILE, write_file

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROFILES = ["bolivia-2019-computo", "bolivia-2019-trep-1940", "bolivia-2019-trep-1829"]
LIST = "bolivia-2019/challenges/oas-226.csv"
# What both versions ask in the same way: what else a plan may ask was written anew since.
FINDINGS = [
    ("count-official", 'method = "count"\ncount = "bo-2019/computo"'),
    ("count-quick", 'method = "count"\ncount = "bo-2019/trep-1940"'),
    ("strike", 'method = "strike"\ncount = "bo-2019/computo"\nchallenges = ["oas-226"]'),
    ("collate-1940", 'method = "collate"\ncount = "bo-2019/trep-1940"\nagainst = "bo-2019/computo"'),
    ("collate-1829", 'method = "collate"\ncount = "bo-2019/trep-1829"\nagainst = "bo-2019/computo"'),
]


def run(*arguments, **more):
    """The processor seconds and the seconds of one process."""
    begin = time.perf_counter()
    process = subprocess.Popen([str(a) for a in arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - begin


def in_turn(what, pairs, once):
    """once(which) for the baseline (1) and for us (0), PAIRS times, after one run of each that is not counted."""
    runs = {0: [], 1: []}
    for pair in range(pairs + 1):
        for which in (1, 0):
            figures = once(which)
            if pair > 0:
                runs[which].append(figures)
    line = []
    for at, name in ((0, "processor"), (1, "elapsed")):
        ours, theirs = ([figures[at] for figures in runs[which]] for which in (0, 1))
        ratio = statistics.median(a / b for a, b in zip(ours, theirs))
        line.append(f"{name} {statistics.median(ours):.3f} s (least {min(ours):.3f}); baseline {statistics.median(theirs):.3f} s "
                    f"(least {min(theirs):.3f}); ratio {ratio:.3f}")
    print(f"{what}: " + "; ".join(line), flush=True)


def tally(program, case, count):
    """The votes of a count by option, as `count` gives them."""
    printed = json.loads(subprocess.run([program, "count", case, "--count", count, "--json"], check=True, stdout=subprocess.PIPE).stdout)
    finding = printed[0] if isinstance(printed, list) else printed
    return {row[0]: row[2] for table in finding["tables"] if table["id"] == "tally" for row in table["rows"]}


def remove(case):
    for path in pathlib.Path(case).parent.glob(pathlib.Path(case).name + "*"):
        path.unlink()


def imports(what, programs, folder, arguments, count, pairs, votes=None):
    """Times imports into a new case, then `list` of it; the cases of both, for what comes next."""
    cases = [folder / f"{which}.cotejo" for which in (0, 1)]

    def once(which):
        remove(cases[which])
        return run(programs[which], "import", cases[which], *arguments)

    for which in (0, 1):
        once(which)
    tallies = [tally(programs[which], cases[which], count) for which in (0, 1)]
    assert tallies[0] == tallies[1] and (votes is None or all(tallies[0][option] == n for option, n in votes.items())), "other votes"
    in_turn(f"import, {what}", pairs, once)
    in_turn(f"open (`list`), {what}", pairs, lambda which: run(programs[which], "list", cases[which]))
    return cases


def write_plan(folder, data):
    digest = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
    plan = f'schema = "cotejo.plan/1"\nid = "bench"\ntitle = "Bench"\nquestion = "Which?"\nseed = 1\ndata = "."\n'
    for name in PROFILES:
        shutil.copy(ROOT / "profiles" / f"{name}.toml", folder)
        plan += f'[[input]]\nprofile = "{name}.toml"\nsha256 = "{published_hash(name)}"\n'
    plan += (f'[[challenge]]\nid = "oas-226"\ncount = "bo-2019/computo"\nfile = "{LIST}"\nsha256 = "{digest(data / LIST)}"\n'
             'by = "b"\nreason = "r"\nsource = "s"\n')
    for name, lines in FINDINGS:
        plan += f'[[finding]]\nid = "{name}"\n{lines}\n'
    (folder / "plan.toml").write_text(plan)
    return folder / "plan.toml"


def published_hash(profile):
    """The hash of a profile's published file, as the plan of the repository has it."""
    lines = (ROOT / "plans/bolivia-2019.toml").read_text().splitlines()
    at = lines.index(f'profile = "profiles/{profile}.toml"')
    return lines[at + 1].split('"')[1]


def audits(programs, folder, data, pairs):
    plan = write_plan(folder, data)

    def once(which):
        shutil.rmtree(folder / f"out-{which}", ignore_errors=True)
        return run(programs[which], "audit", plan, "--out", folder / f"out-{which}", "--data", data)

    for which in (0, 1):
        once(which)
    votes = []
    for which in (0, 1):
        findings = {f["id"]: f for f in json.loads((folder / f"out-{which}/findings.json").read_text())}
        votes.append([row[:3] for row in findings["count-official"]["tables"][0]["rows"]])
    assert votes[0] == votes[1], "other votes"
    in_turn(f"audit, {len(FINDINGS)} findings of three counts of Bolivia", pairs, once)


class Served:
    """A server of one case, and a session with it."""

    def __init__(self, program, case):
        self.process = subprocess.Popen([program, "serve", case, "--no-open"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        url = urllib.parse.urlsplit(self.process.stdout.readline().strip())
        self.client = http.client.HTTPConnection("127.0.0.1", url.port)
        self.client.request("GET", f"{url.path}?{url.query}")
        answer = self.client.getresponse()
        answer.read()
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]

    def get(self, path):
        self.client.request("GET", path, headers={"Cookie": self.cookie})
        answer = self.client.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        return json.loads(body)

    def used(self):
        """The processor seconds of the server so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def look_ups(what, programs, cases, keys, pairs):
    served = [Served(programs[which], cases[which]) for which in (0, 1)]
    votes = [[option["value"] for option in server.get(f"/api/unit?key={keys[0]}")["counts"][0]["options"]] for server in served]
    assert votes[0] == votes[1], "other votes"

    def once(which):
        before, begin = served[which].used(), time.perf_counter()
        for key in keys:
            served[which].get(f"/api/unit?key={key}")
        return served[which].used() - before + 1e-9, time.perf_counter() - begin

    in_turn(f"{len(keys)} unit look-ups by one client, {what}", pairs, once)
    for server in served:
        server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("other")
    parser.add_argument("data", nargs="?", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--units", type=int, default=1_000_000)
    options = parser.parse_args()
    programs = [os.path.abspath(options.program), os.path.abspath(options.other)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "profile.toml").write_text(PROFILE)
        totals = write_file(folder / "national.csv", options.units)
        what = f"{options.units:,} units x {OPTIONS} options"
        cases = imports(what, programs, folder, [folder / "profile.toml", "--input", folder / "national.csv"], "bench/final", options.pairs,
                        {f"P{i}": int(n) for i, n in enumerate(totals)})
        look_ups(what, programs, cases, [1_000_000 + i * (options.units // 500) for i in range(500)], options.pairs)
        for case in cases:
            remove(case)
        if options.data:
            profile = ROOT / "profiles" / f"{PROFILES[0]}.toml"
            imports("Bolivia 2019, 34,555 units", programs, folder, [profile, "--data", options.data], "bo-2019/computo", 3 * options.pairs)
            audits(programs, folder, options.data, 3 * options.pairs)


main()
