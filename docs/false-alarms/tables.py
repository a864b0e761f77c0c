"""Puts the measured tables into docs/methods/battery.md.

Usage: tables.py [DOSSIER]
Takes the findings of methods `false-alarms` and `battery` from a dossier (of plans/false-alarms.toml) into this folder, and
writes the tables of all that lie here. `./dev false-alarms` runs the plan and this.
"""
import json
import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
page = here.parent / "methods" / "battery.md"
begin, end = "<!-- measured: written by docs/false-alarms/tables.py -->\n", "<!-- end of what was measured -->\n"
generators = ["model", "heavy-tails", "correlated", "two-peaked", "blocs", "size-turnout"]


def rows_of(finding, table):
    for t in finding["tables"]:
        if t["id"] == table:
            names = [c["name"] for c in t["columns"]]
            return [dict(zip(names, row)) for row in t["rows"]]
    return []


def count_of(finding):
    return finding["inputs"][0]["count"]


def text_table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def number(x, digits=1):
    return "" if x is None else f"{x:.{digits}f}"


own_null = ["repeated-returns", "share-tails", "swing"]


def merged(findings):
    """One finding per count: what was measured apart (tests with a null of their own) beside the rest."""
    out = {}
    for f in findings:
        first = out.setdefault(count_of(f), {**f, "tables": [{**t, "rows": list(t["rows"])} for t in f["tables"]]})
        if first["id"] == f["id"]:
            continue
        for t in f["tables"]:
            same = [x for x in first["tables"] if x["id"] == t["id"]]
            if same:
                known = {json.dumps(r[:1] if t["id"] == "presented" else r[:-2]) for r in same[0]["rows"]}
                same[0]["rows"] += [r for r in t["rows"] if json.dumps(r[:1] if t["id"] == "presented" else r[:-2]) not in known]
            else:
                first["tables"].append(t)
    return list(out.values())


def false_alarms(findings):
    out = ""
    for f in findings:
        cells, used, own_used = {}, {}, {}
        presented = {r["method"]: (r["presented_as"], r["why"]) for r in rows_of(f, "presented")}
        for r in rows_of(f, "false_alarms"):
            cells[r["method"], r["generator"]] = f"{number(r['flagged_percent_at_5'])} / {number(r['flagged_percent_at_1'])}"
            of = own_used if r["method"] in own_null else used
            of[r["generator"]] = max(r["replicates"], of.get(r["generator"], 0))
        there = [g for g in generators if any(g == k[1] for k in cells)]
        out += f"\n**{count_of(f)}**: % of fair elections flagged at 5 % / at 1 %. Elections: " + ", ".join(
            f"{g} {used[g]:,}" for g in there if g in used) + "; for descriptive tests a tenth of them, 100 at least." + (
            (" Tests with a null of their own: " + ", ".join(f"{g} {own_used[g]:,}" for g in there if g in own_used) + ".") if own_used else "") + "\n\n"
        out += text_table(["test", "presented as", *there, "why"],
                          [[m, p, *[cells.get((m, g), "") for g in there], why] for m, (p, why) in presented.items()])
    return out


def summary(findings):
    """Of the calibrated tests: how many rates lie where they are meant to, and the extremes."""
    own, unlike, discrete = [], [], []
    for f in findings:
        calibrated = {r["method"] for r in rows_of(f, "presented") if r["presented_as"] == "calibrated"}
        for r in rows_of(f, "false_alarms"):
            if r["method"] in calibrated:
                if r["method"] in own_null:
                    discrete.append((r["flagged_percent_at_5"], r["method"], r["generator"], count_of(f), r["replicates"]))
                    continue
                (own if r["generator"] == "model" else unlike).append((r["flagged_percent_at_5"], r["method"], r["generator"], count_of(f), r["replicates"]))
    if not own or not unlike:
        return ""
    within = sum(4 <= rate[0] <= 6 for rate in own)
    text = (f"Calibrated tests on the model's own fair elections, at 5 %: {within} of {len(own)} rates lie in 4 to 6 %, all from {min(own)[0]:.1f} to {max(own)[0]:.1f} "
            f"(two standard errors of a rate of {own[0][4]:,} elections: {200 * (2 * 0.05 * 0.95 / own[0][4]) ** 0.5:.1f}). ")
    high = sorted((rate for rate in unlike if rate[0] > 8), reverse=True)
    text += f"Under other generators {len(unlike) - len(high)} of {len(unlike)} rates are at most 8 %"
    if high:
        text += "; above it: " + ", ".join(f"{m} {rate:.1f} under {g} on {c} ({n:,} elections, two standard errors {200 * (2 * 0.08 * 0.92 / n) ** 0.5:.1f})" for rate, m, g, c, n in high)
    text += "."
    if discrete:
        worst = max(discrete)
        text += (f" Tests with a null of their own are discrete and flag fewer where few signs or pairs are expected: of their {len(discrete)} rates {sum(4 <= d[0] <= 6 for d in discrete)} lie in 4 to 6 %, {sum(d[0] < 4 for d in discrete)} below, "
                 f"{sum(d[0] > 8 for d in discrete)} above 8 %; the largest is {worst[0]:.1f} ({worst[1]} under {worst[2]} on {worst[3]}, {worst[4]:,} elections).")
    return "\n" + text + "\n"


def powers(findings):
    out = ""
    for f in findings:
        rows = rows_of(f, "power")
        if not rows:
            continue
        tests = list(dict.fromkeys(r["method"] for r in rows))
        found, keys = {}, []
        for r in rows:
            key = (r["planted"], r["where"], r["dose_percent"], r["intensity"])
            if key not in found:
                keys.append(key)
            found.setdefault(key, {})[r["method"]] = r["found_percent"]
        out += f"\n**{count_of(f)}**: % of elections with planted irregularities that are flagged at 5 %, {' or '.join(str(n) for n in sorted({r['elections'] for r in rows}))} elections a row.\n\n"
        out += text_table(["planted", "where", "% of units", *tests],
                          [[k[0], k[1], f"{k[2]:g}", *[number(found[k].get(t), 0) for t in tests]] for k in keys])
    return out


def elections(findings):
    out = ""
    for f in findings:
        alarms = {r["method"]: r for r in rows_of(f, "false_alarms")}
        out += f"\n**{count_of(f)}**: {f['headline']}\n\n"
        rows = []
        for r in rows_of(f, "tests"):
            a = alarms[r["method"]]
            rows.append([r["method"], number(r["observed"], 2), number(r["fair_mean"], 2), number(r["fair_95"], 2), number(r["p_value"], 3),
                         number(r["p_holm"], 3), number(r["implicated_votes"], 0), {True: "yes", False: "no", None: ""}[r["decisive"]],
                         a["why"]])
        out += text_table(["test", "observed", "fair mean", "fair 95 %", "p", "Holm", "votes", "decisive", "why no p"], rows)
    return out


def main():
    if len(sys.argv) > 1:
        for f in json.loads((pathlib.Path(sys.argv[1]) / "findings.json").read_text()):
            if f["method"] in ("false-alarms", "battery"):
                f["figures"], f["runtime"] = [], None
                (here / (f["id"] + ".json")).write_text(json.dumps(f, indent=1, ensure_ascii=False) + "\n")
    findings = [json.loads(p.read_text()) for p in sorted(here.glob("*.json"))]
    alarms = merged([f for f in findings if f["method"] == "false-alarms"])
    text = ("\n## False alarms\n" + summary(alarms) + false_alarms(alarms) + "\n## Power\n" + powers(alarms) + "\n## The elections as they came out\n"
            + elections([f for f in findings if f["method"] == "battery"]))
    whole = page.read_text()
    page.write_text(whole[: whole.index(begin) + len(begin)] + text + whole[whole.index(end):])


main()
