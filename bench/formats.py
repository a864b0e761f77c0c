"""One count in every format that is read: the same totals, and how long each takes beside pandas.read_csv on the plain file.

Usage: formats.py PROGRAM DATA. Prints the two tables of docs/formats/read.md: the published files as they are, each through the profile that
`cotejo profile --yes` proposes; and the Bolivian official count written in every format.
"""
import gzip
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from xml.sax.saxutils import escape

import openpyxl
import pandas

program, data = sys.argv[1:3]
ods_rows = 20_000  # GDAL reads no larger ones
official = f"{data}/bolivia-2019/computo-2019-10-25.zip"
published = [
    ("bolivia-2019/computo-2019-10-25.zip", "CSV in a zip, UTF-8 with mark", []),
    ("bolivia-2019/trep-2019-10-20T194057.zip", "CSV in a zip", []),
    ("bolivia-2019/trep-2019-10-21T182953.zip", "CSV in a zip", []),
    ("bolivia-2020/recinto_2020_reconstructed.zip", "CSV in a zip", []),
    ("bolivia-2020/mesa_2020_partial_union.zip", "CSV in a zip", []),
    ("bolivia-2016/votos_totales.zip", "bars, in a zip", []),
    ("poland-2020/round1.zip", "semicolons, quoted, with mark", []),
    ("russia-2011/2011.csv.zip", "CSV, Cyrillic headers", []),
    ("russia-2018/2018.csv.zip", "CSV, Cyrillic headers", []),
    ("uganda-2016/uganda_2016_election-results.zip", "CSV, CR line ends", []),
]


def run(*arguments, **options):
    begin = time.perf_counter()
    done = subprocess.run([program, *arguments], capture_output=True, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}\n{done.stderr}")
    return done, time.perf_counter() - begin


def look_and_import(folder, file, extra):
    profile, case = f"{folder}/p.toml", f"{folder}/c.cotejo"
    for old in (profile, case):
        if os.path.exists(old):
            os.remove(old)
    proposal, looked = run("profile", file, "--yes", "--out", profile, *extra)
    imported, took = run("import", case, profile, "--input", file)
    units, aside = re.search(r"Reads ([\d,]+) units, sets ([\d,]+) rows aside", proposal.stderr).groups()
    votes = sum(int(n.replace(",", "")) for n in re.findall(r"^  option .* ([\d,]+)$", proposal.stderr, re.M))
    return units, aside, votes, looked, took


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def write_formats(folder, frame):
    """The official count in every format, and the options that `cotejo profile` needs for it."""
    frame.to_csv(f"{folder}/plain.csv", index=False)
    with gzip.open(f"{folder}/packed.csv.gz", "wt", encoding="utf-8") as out:
        frame.to_csv(out, index=False)
    frame.to_csv(f"{folder}/wide.txt", index=False, sep="\t", encoding="utf-16")
    frame.to_csv(f"{folder}/latin.csv", index=False, sep=";", encoding="cp1252", errors="replace")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Resultados")
    sheet.append(["Resultados por mesa"])
    sheet.append([])
    sheet.append(list(frame.columns))
    for values in frame.itertuples(index=False):
        sheet.append([None if value != value else value for value in values])
    book.save(f"{folder}/sheet.xlsx")
    cells = lambda values: "".join(
        f'<table:table-cell office:value-type="float" office:value="{v}"/>' if isinstance(v, (int, float)) and v == v
        else f'<table:table-cell office:value-type="string"><text:p>{escape("" if v != v else str(v))}</text:p></table:table-cell>' for v in values)
    with zipfile.ZipFile(f"{folder}/sheet.ods", "w", zipfile.ZIP_DEFLATED) as ods:
        ods.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        body = "".join(f"<table:table-row>{cells(values)}</table:table-row>" for values in [tuple(frame.columns), *frame.head(ods_rows).itertuples(index=False)])
        ods.writestr("content.xml", '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
                     'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">' + body +
                     "</table:table></office:spreadsheet></office:body></office:document-content>")
    with sqlite3.connect(f"{folder}/table.sqlite") as database:
        frame.to_sql("returns", database, index=False)
    return [("plain.csv", "CSV"), ("packed.csv.gz", "CSV, gzip"), ("wide.txt", "tabs, UTF-16"), ("latin.csv", "semicolons, windows-1252"),
            ("sheet.xlsx", "XLSX, a title above the header"), ("sheet.ods", f"ODS, the first {ods_rows:,} rows"), ("table.sqlite", "SQLite")]


def main():
    print("## Published files, as they are\n\nEach through the profile that `cotejo profile --yes` proposes, unchanged. Ratio: looking and importing together, against\n`pandas.read_csv` alone on the same file.\n")
    row("file", "format", "units", "set aside", "votes for options", "look, s", "import, s", "ratio")
    row(*["---"] * 8)
    readers = {"bolivia-2016/votos_totales.zip": {"sep": "|"}, "poland-2020/round1.zip": {"sep": ";", "low_memory": False}}
    with tempfile.TemporaryDirectory() as folder:
        for name, format, extra in published:
            begin = time.perf_counter()
            pandas.read_csv(f"{data}/{name}", **readers.get(name, {}))
            peer = time.perf_counter() - begin
            units, aside, votes, looked, took = look_and_import(folder, f"{data}/{name}", extra)
            row(f"`{name}`", format, units, aside, f"{votes:,}", f"{looked:.2f}", f"{took:.2f}", f"{(looked + took) / peer:.1f}")

        frame = pandas.read_csv(official, encoding="utf-8-sig")
        options = ["CC", "FPV", "MTS", "UCS", "MAS - IPSP", "21F", "PDC", "MNR", "PAN-BOL"]
        print("\n## One count in every format\n\nThe Bolivian official count, written in each format and read again through a proposed profile (the exchange formats need none): always 34,555 units and the\nsame votes, or the program stops. Baseline: `pandas.read_csv` alone on the plain CSV.\n")
        row("format", "bytes", "import, s", "ratio")
        row(*["---"] * 4)
        formats = write_formats(folder, frame)
        begin = time.perf_counter()
        pandas.read_csv(f"{folder}/plain.csv")
        peer = time.perf_counter() - begin
        for name, format in formats:
            units, aside, votes, looked, took = look_and_import(folder, f"{folder}/{name}", [])
            rows = ods_rows if name.endswith(".ods") else len(frame)
            expected = int(frame[options].head(rows).sum().sum())
            assert (units, aside, votes) == (f"{rows:,}", "0", expected), (name, units, aside, votes, expected)
            row(format, f"{os.path.getsize(f'{folder}/{name}'):,}", f"{took:.2f}", f"{took / peer:.1f}")
        run("import", f"{folder}/own.cotejo", str(pathlib.Path(__file__).parent.parent / "profiles/bolivia-2019-computo.toml"), "--data", data)
        for format, name in (("long", "long.csv"), ("openelections", "open.csv"), ("nist", "report.json")):
            run("export", f"{folder}/own.cotejo", "count", "bo-2019/computo", "--format", format, "--out", f"{folder}/{name}")
            _, took = run("import", f"{folder}/{format}.cotejo", f"{folder}/{name}", "--id", "again")
            row({"long": "long CSV", "openelections": "OpenElections CSV", "nist": "NIST SP 1500-100 JSON"}[format], f"{os.path.getsize(f'{folder}/{name}'):,}", f"{took:.2f}", f"{took / peer:.1f}")


main()
