#!/usr/bin/env python3
"""Files that strangers might hand in, each given to the program as a person would: what it may not do with any of them.

    tests/hostile/files.py PROGRAM [--table] [NAME...]

No try may crash, hang (20 s of processor time), take more than 1.5 GiB, show or keep a word of a file that the command did
not name (the canary), or leave anything beside the case. --table prints the rows of docs/trust.md. Bounded in count and
time; everything lies in a folder of its own that is removed at the end.
"""
import argparse
import collections
import gzip
import io
import os
import pathlib
import resource
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

MOST_SECONDS, MOST_MIB = 20, 1536
CANARY = "canary-7f3a91"

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--table", action="store_true")
parser.add_argument("names", nargs="*")
ARGUMENTS = parser.parse_args()

WORK = pathlib.Path(tempfile.mkdtemp(prefix="cotejo-hostile-"))
OUTSIDE = WORK / "outside"  # what no command names
OUTSIDE.mkdir()
SECRET = OUTSIDE / "secret.csv"
SECRET.write_text(f"unit,a,b\n{CANARY},1,2\nother,3,4\n")
(OUTSIDE / "passwd").write_text(f"unit:a:b\n{CANARY}:1:2\n")

Attempt = collections.namedtuple("Attempt", "kind name make command may_pass")
ATTEMPTS = []
IMPORT = ["import", "x.cotejo", "p.toml", "--input", "{file}"]
PROPOSE = ["profile", "{file}", "--yes"]


def attempt(kind, name, make, *commands, may_pass=False):
    """`make(folder)` returns the file; every command is one try."""
    for command in commands or (IMPORT, PROPOSE):
        ATTEMPTS.append(Attempt(kind, name, make, command, may_pass or command is PROPOSE))


def profile(table="", path="x.csv", extra="", separator=","):
    return (f'schema = "cotejo.profile/1"\n[file]\npath = "{path}"\nseparator = "{separator}"\n'
            + (f'table = "{table}"\n' if table else "") + extra
            + '[count]\nid = "x/y"\ncontest = "x/c"\n[unit]\nkey = "unit"\n'
              '[[option]]\nid = "A"\ncolumn = "a"\n[[option]]\nid = "B"\ncolumn = "b"\n')


def written(name, content):
    def make(folder):
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
    return make


# ---- SQLite and GeoPackage ----

def database(sql="", forged=(), table="v", application=0):
    def make(folder):
        path = folder / "x.db"
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA application_id = {application}")
        connection.executescript("CREATE TABLE t (unit TEXT, a INTEGER, b INTEGER); INSERT INTO t VALUES ('1', 2, 3);" + sql)
        if forged:
            connection.execute("PRAGMA writable_schema = ON")
            for kind, name, text in forged:
                connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, 0, ?)", (kind, name, name, text))
        connection.commit()
        connection.close()
        (folder / "p.toml").write_text(profile(table))
        return path
    return make


for name, module in {"VirtualText": f"VirtualText('{SECRET}', UTF-8, 1, POINT, NONE, ',')",
                     "VirtualOGR": f"VirtualOGR('{SECRET}')", "VirtualShape": f"VirtualShape('{OUTSIDE}/x', UTF-8, 4326)",
                     "csv": f"csv(filename='{SECRET}')", "fts5": "fts5(unit, a, b)", "rtree": "rtree(unit, a, b)",
                     "dbstat": "dbstat", "zipfile": f"zipfile('{SECRET}')"}.items():
    sql = f"CREATE VIRTUAL TABLE v USING {module}"
    attempt("virtual tables in SQLite and GeoPackage", name, database(forged=[("table", "v", sql)]), IMPORT)
    attempt("virtual tables in SQLite and GeoPackage", name + ", GeoPackage",
            database(forged=[("table", "v", sql)], application=0x47504B47), IMPORT)
attempt("virtual tables in SQLite and GeoPackage", "hidden behind a comment",
        database(forged=[("table", "v", f"create/**/virtual\ttable v using VirtualText('{SECRET}')")]), IMPORT)
attempt("triggers in SQLite", "insert", database("CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END;", table="t"),
        IMPORT)
for function in ("readfile('%s')" % SECRET, "BlobFromFile('%s')" % SECRET, "load_extension('/tmp/x')", "ogr_geocode('x')",
                 "ogr_datasource_load_layers('%s')" % SECRET, "eval('SELECT 1')", "edit('x')", "writefile('/tmp/x', 'y')",
                 "fts3_tokenizer('x')", "sqlite_source_id()", "json_extract('{}', '$')"):
    attempt("functions in a view", function.split("(")[0],
            database(forged=[("view", "v", f"CREATE VIEW v AS SELECT {function} AS unit, 1 AS a, 2 AS b")]), IMPORT)
for name, body in {"pragma": "SELECT name AS unit, 1 AS a, 2 AS b FROM pragma_database_list",
                   "schema": "SELECT sql AS unit, 1 AS a, 2 AS b FROM sqlite_master",
                   "pages": "SELECT pgno AS unit, 1 AS a, 2 AS b FROM sqlite_dbpage"}.items():
    attempt("functions in a view", name, database(forged=[("view", "v", f"CREATE VIEW v AS {body}")]), IMPORT)
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
for name, body in {"a cell of a gigabyte": "SELECT zeroblob(1000000000) AS unit, 1 AS a, 2 AS b",
                   "a text of a gigabyte": "SELECT printf('%1000000000d', 1) AS unit, 1 AS a, 2 AS b",
                   "a sort of everything": ENDLESS + "hex(zeroblob(60000)) || i AS unit, 1 AS a, 2 AS b FROM n ORDER BY 1",
                   "a long search": "SELECT instr(hex(zeroblob(60000)), hex(zeroblob(30000)) || 'x') AS unit, 1 AS a, 2 AS b",
                   "a cross join": "SELECT x.unit, 1 AS a, 2 AS b FROM t x, t y WHERE x.unit < 0"}.items():
    attempt("huge cells and sorts in a view", name, database(f"CREATE VIEW v AS {body};"), IMPORT,
            may_pass=name in ("a long search",))
for size in (0, 16, 100, 1000, 4096):
    attempt("cut and overwritten SQLite", f"{size} bytes",
            lambda folder, size=size: written("c.db", database()(folder).read_bytes()[:size])(folder), IMPORT)
for at in (18, 28, 56, 100, 103, 105, 4096, 5000, 8000):
    def overwrite(folder, at=at):
        path = database(table="t")(folder)
        content = bytearray(path.read_bytes())
        content[at:at + 4] = b"\xff\xff\xff\xff"
        path.write_bytes(content)
        return path
    attempt("cut and overwritten SQLite", f"overwritten at {at}", overwrite, IMPORT, may_pass=True)

# ---- paths that documents name ----


def symbolic_link(folder):
    (folder / "x.csv").symlink_to(SECRET)
    (folder / "p.toml").write_text(profile())
    return folder / "p.toml"


def linked_folder(folder):
    (folder / "sub").symlink_to(OUTSIDE)
    (folder / "p.toml").write_text(profile(path="sub/secret.csv"))
    return folder / "p.toml"


OWN = ["import", "x.cotejo", "p.toml"]
for name, path in {"absolute": str(SECRET), "dots": "../outside/secret.csv", "dots inside": "a/../../outside/secret.csv",
                   "device": "/dev/zero", "environment": "/proc/self/environ"}.items():
    attempt("paths in a profile", name, written("p.toml", profile(path=path)), OWN, OWN + ["--data", "."])
attempt("paths in a profile", "the password file", written("p.toml", profile(path=str(OUTSIDE / "passwd"), separator=":")),
        OWN)
attempt("paths in a profile", "link", symbolic_link, OWN, OWN + ["--data", "."])
attempt("paths in a profile", "linked folder", linked_folder, OWN, OWN + ["--data", "."])
for address in ("host=192.0.2.1 connect_timeout=2 dbname=x", "service=x", "host=/tmp dbname=x passfile=/etc/passwd"):
    attempt("database addresses in a profile", address.split("=")[0],
            written("p.toml", profile("t", path="postgresql:" + address)), OWN)
AUDIT = ["audit", "plan.toml", "--out", "out", "--data", "."]
PLAN = ('schema = "cotejo.plan/1"\nid = "p"\ntitle = "T"\nquestion = "Q?"\nseed = 1\n[[input]]\nprofile = "{}"\n{}'
        '[[finding]]\nid = "f"\nmethod = "count"\ncount = "x/y"\n')


def plan(name, own_profile, line="", prepare=None):
    def make(folder):
        (folder / "profiles").mkdir()
        (folder / "profiles/p.toml").write_text(own_profile)
        if prepare:
            prepare(folder)
        (folder / "plan.toml").write_text(PLAN.format(name, line))
        return folder / "plan.toml"
    return make


def link_in(folder):
    (folder / "link.csv").symlink_to(SECRET)


attempt("paths in a plan", "profile elsewhere", plan("../outside/p.toml", profile()), AUDIT)
attempt("paths in a plan", "its profile's absolute path", plan("profiles/p.toml", profile(path=str(SECRET))), AUDIT)
attempt("paths in a plan", "its profile's dots", plan("profiles/p.toml", profile(path="../outside/secret.csv")), AUDIT)
attempt("paths in a plan", "link", plan("profiles/p.toml", profile(path="link.csv"), prepare=link_in), AUDIT)
attempt("paths in a plan", "path", plan("profiles/p.toml", profile(), f'path = "{SECRET}"\n'), AUDIT)

# ---- what is no file ----


def pipe(folder):
    os.mkfifo(folder / "pipe.toml")
    return folder / "pipe.toml"


def unix_socket(folder):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "s.toml"))
    return folder / "s.toml"


(WORK / "good.csv").write_text("unit,a,b\n1,2,3\n2,4,5\n")
(WORK / "good.toml").write_text(profile(path="good.csv"))
subprocess.run([ARGUMENTS.program, "import", str(WORK / "good.cotejo"), str(WORK / "good.toml")], check=True,
               stdout=subprocess.DEVNULL)
CHALLENGE = ["challenge", str(WORK / "good.cotejo"), "add", "--id", "c", "--count", "x/y", "--units", "{file}", "--by", "b",
             "--reason", "r", "--source", "s"]
for name, make in {"pipe": pipe, "socket": unix_socket, "device": lambda folder: "/dev/zero",
                   "folder": lambda folder: folder}.items():
    attempt("pipes, sockets, devices and folders", name, make, IMPORT, ["profile", "{file}", "--yes"],
            ["import", "x.cotejo", "{file}"], ["audit", "{file}", "--out", "out"], CHALLENGE)

# ---- TOML ----

DEEP = 50_000
DOTTED = "a" + ".a" * DEEP
for name, text in {"key": DOTTED + " = 1\n", "table": f"[{DOTTED}]\n", "tables": f"[[{DOTTED}]]\n",
                   "list": "x = " + "[" * DEEP, "inline": "x = " + "{a=" * DEEP, "quoted": '"a"' + '."a"' * DEEP + " = 1\n",
                   "behind a text": 's = """x"""""\n' + DOTTED + " = 1\n",
                   "in lines": "\n".join(f"[{'a.' * 40}b{i}]" for i in range(3000)),
                   "many tables": "[[a]]\n" * 200_000, "many keys": "\n".join(f"k{i} = {i}" for i in range(50_000)),
                   "nul": "a = \"\0\"", "not UTF-8": b"a = \"\xff\xfe\""}.items():
    attempt("deep and large TOML", name, written("x.toml", text), ["import", "x.cotejo", "{file}"],
            ["audit", "{file}", "--out", "out"])

# ---- archives ----


def zip_of(entries, compress=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compress) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return content.getvalue()


def packed_zeros(mebibytes, line=b"0" * 1023 + b"\n"):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = line * 1024
    return b"".join([packer.compress(block) for _ in range(mebibytes)] + [packer.flush()])


def many_entries(count, prefix=""):
    local, central = bytearray(), bytearray()
    for i in range(count):
        name = f"{prefix}{i}.csv".encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0)
        offset = len(local)
        local += b"PK\3\4" + common + name
        central += b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, offset) + name
    end = struct.pack("<HHHHIIH", 0, 0, min(count, 65535), min(count, 65535), len(central), len(local), 0)
    return bytes(local + central) + b"PK\5\6" + end


CSV = "unit,a,b\n1,2,3\n"
for name, content in {"100,000 files": many_entries(100_000), "100,000 in folders": many_entries(100_000, "d/"),
                      "10,000 files": many_entries(10_000), "dots": zip_of([("../../x.csv", CSV)]),
                      "absolute": zip_of([("/etc/passwd", CSV)]), "zip in zip": zip_of([("x.zip", zip_of([("y.csv", CSV)]))]),
                      "cut": zip_of([("x.csv", CSV * 1000)])[:-60], "end only": b"PK\5\6" + b"\0" * 18,
                      "no end": zip_of([("x.csv", CSV)])[:-30], "same name twice": zip_of([("x.csv", CSV), ("X.CSV", CSV)]),
                      "NUL in a name": zip_of([("x\0.csv", CSV)])}.items():
    attempt("archives", name, written("x.zip", content), may_pass=name in ("dots", "absolute", "NUL in a name"))
for name, content in {"gzip of a gigabyte of one cell": packed_zeros(1024, b"0" * 1024),
                      "gzip of a gigabyte of rows": packed_zeros(1024), "gzip of blank rows": packed_zeros(64, b"\n"),
                      "empty gzip": gzip.compress(b""), "cut gzip": gzip.compress(CSV.encode() * 1000)[:-9]}.items():
    attempt("archives", name, written("x.csv.gz", content))

# ---- delimited text ----

for name, content in {"blank rows": "unit,a,b\n1,2,3\n" + "\n" * 20_000_000 + "2,3,4\n", "one line": "x" * 20_000_000,
                      "quotes": '"' * 5_000_000, "open quote": 'unit,a,b\n"1,2,3\n' + "1,2,3\n" * 1_000_000,
                      "a million columns": "," * 1_000_000 + "\n", "NUL": b"unit,a,b\n1,\0,3\n", "only NUL": b"\0" * 1_000_000,
                      "UTF-16 cut": "unit,a,b\n1,2,3".encode("utf-16")[:-1], "header only": "unit,a,b\n", "empty": b"",
                      "returns only": "unit,a,b\r1,2,3\r" * 100_000,
                      "formulas and codes": "unit,a,b\n=cmd|' /C calc'!A0,1,2\n\x1b]0;x\x07,1,2\n",
                      "same header": "unit,unit,a,a\n1,2,3,4\n",
                      "numbers too large": "unit,a,b\n1,99999999999999999999,1e999\n"}.items():
    attempt("delimited text", name, written("x.csv", content), may_pass=name in ("formulas and codes",))

# ---- JSON and XML ----

EXCHANGE = [["import", "x.cotejo", "{file}"]]
REPORT = '{"@type": "ElectionResults.ElectionReport", '
for name, content in {"deep lists": "[" * 1_000_000, "deep objects": '{"a":' * 1_000_000,
                      "deep report": REPORT + '"Election": ' + "[" * 100_000,
                      "thirty million lists": '{"a":[' + "[]," * 30_000_000 + "[]]}",
                      "sixty million numbers": '{"a":[' + "1," * 60_000_000 + "1]}",
                      "votes for ever": REPORT + '"Election": [{"Contest": [{"Name": "x", "ContestSelection": [{"VoteCounts": [' +
                                        '{"GpUnitId": "u", "Count": 1},' * 2_000_000 + '{}]}]}]}]}',
                      "marks in place of votes": REPORT + '"Election": [{"Contest": [{"Name": "x", "ContestSelection": [{"VoteCounts": [0, 1, 2]}]}]}]}',
                      "number": "1" * 1_000_000, "not UTF-8": b'{"a": "\xff"}', "cut": REPORT}.items():
    attempt("JSON", name, written("x.json", content), *EXCHANGE)
attempt("JSON", "deep votes", written("x.json", '{"vote_events": ' + "[" * 100_000), *EXCHANGE)
EML = '<?xml version="1.0"?>{}<EML Id="510b">{}</EML>'
XXE = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{SECRET}">]>'
LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{i} '{('&a%d;' % (i - 1)) * 10}'>" for i in range(1, 12)) + "]>"
for name, content in {"external entity": EML.format(XXE, "<Count><Election>&e;</Election></Count>"),
                      "entities of entities": EML.format(LAUGHS, "<Count>&a11;</Count>"), "deep": "<a>" * 3_000_000,
                      "opened only": "<" * 20_000_000, "elements": EML.format("", "<a/>" * 20_000_000),
                      "attributes": EML.format("", "<a " + "".join(f'a{i}=""\n' for i in range(2_000_000)) + "/>"),
                      "cut": '<EML Id="510b"><Count>', "not UTF-8": b'<EML Id="510b">\xff\xfe</EML>'}.items():
    attempt("XML", name, written("x.xml", content), *EXCHANGE)

# ---- spreadsheets ----

TYPES = ('<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
         'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.'
         'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')


def xlsx(sheet, texts="<sst/>", target="worksheets/sheet1.xml", part="xl/worksheets/sheet1.xml"):
    return zip_of([("[Content_Types].xml", TYPES),
                   ("xl/workbook.xml", '<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'),
                   ("xl/_rels/workbook.xml.rels",
                    f'<Relationships><Relationship Id="rId1" Type="worksheet" Target="{target}"/></Relationships>'),
                   ("xl/sharedStrings.xml", texts), (part, sheet)])


def rows(cells):
    return "<worksheet><sheetData>" + "".join(cells) + "</sheetData></worksheet>"


NARROW = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(2, 900_000))
WIDE = '<row r="1"><c r="NTP1"><v>1</v></c></row>'
for name, content in {"a wide row and a million narrow ones": xlsx(rows([WIDE, NARROW])),
                      "the same in a part of another name": xlsx(rows([WIDE, NARROW]), target="x.bin", part="xl/x.bin"),
                      "the same behind a sign": xlsx(rows([WIDE.replace('<c ', '<c x=">" '), NARROW])),
                      "the same by a reference": xlsx(rows([WIDE.replace("NTP", "&#78;TP"), NARROW])),
                      "texts": xlsx(rows([]), "<sst>" + "<si/>" * 30_000_000 + "</sst>"),
                      "external entity": xlsx(XXE + rows(['<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>'])),
                      "entities of entities": xlsx(rows([]), LAUGHS + "<sst><si><t>&a11;</t></si></sst>"),
                      "part outside": xlsx(rows([]), target="../../../../../" + str(SECRET)),
                      "no sheet": zip_of([("[Content_Types].xml", TYPES), ("xl/x", "")]),
                      "deep": xlsx("<a>" * 3_000_000)}.items():
    attempt("spreadsheets", name, written("x.xlsx", content), may_pass=name in ("external entity", "texts"))
CELL = '<table:table-cell table:number-columns-repeated="{}" office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
ODS = ('<office:document-content><office:body><office:spreadsheet><table:table table:name="S">{}</table:table>'
       '</office:spreadsheet></office:body></office:document-content>')
for name, body in {"rows repeated": f'<table:table-row table:number-rows-repeated="1000000000">{CELL.format(1)}</table:table-row>',
                   "columns repeated": f"<table:table-row>{CELL.format(1000000000)}</table:table-row>",
                   "both": f'<table:table-row table:number-rows-repeated="100000">{CELL.format(9000)}</table:table-row>'}.items():
    attempt("spreadsheets", "ODS, " + name,
            written("x.ods", zip_of([("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
                                     ("content.xml", ODS.format(body))])), may_pass=True)


# ---- running ----


def try_one(one, folder):
    """What is wrong with one try; empty: nothing."""
    folder.mkdir()
    file = one.make(folder)
    if not (folder / "p.toml").exists() and not (folder / "p.toml").is_symlink():
        (folder / "p.toml").write_text(profile())
    before = {path for path in OUTSIDE.rglob("*")}
    words = [ARGUMENTS.program] + [word.replace("{file}", str(file)) for word in one.command]
    # Standard output to files: nothing here may wait for a reader.
    with open(folder / ".out", "wb") as out, open(folder / ".err", "wb") as err:
        child = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=lambda: (
            resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1)),
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    problems = []
    if child.returncode not in ((0, 1, 2, 3) if one.may_pass else (2, 3)):
        problems.append(f"exit code {child.returncode}")
    if usage.ru_maxrss / 1024 > MOST_MIB:
        problems.append(f"{usage.ru_maxrss // 1024} MiB")
    if usage.ru_utime + usage.ru_stime > MOST_SECONDS:
        problems.append(f"{usage.ru_utime + usage.ru_stime:.0f} s")
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        if CANARY.encode() in path.read_bytes():
            problems.append(f"the canary is in {path.name}")
    if {path for path in OUTSIDE.rglob("*")} != before:
        problems.append("a file outside was made or removed")
    if problems:
        problems.append((folder / ".err").read_bytes()[:300].decode(errors="replace"))
    return problems, usage


def main():
    tries, wrong = collections.Counter(), []
    most_seconds = most_mib = 0
    for number, one in enumerate(ATTEMPTS):
        if ARGUMENTS.names and not any(name in (one.kind + ": " + one.name) for name in ARGUMENTS.names):
            continue
        folder = WORK / f"try-{number}"
        problems, usage = try_one(one, folder)
        shutil.rmtree(folder)
        tries[one.kind] += 1
        seconds, mib = usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024
        most_seconds, most_mib = max(most_seconds, seconds), max(most_mib, mib)
        if ARGUMENTS.names:
            print(f"{one.kind}: {one.name} ({one.command[0]}): {seconds:.1f} s, {mib} MiB", file=sys.stderr)
        if problems:
            wrong.append(f"{one.kind}: {one.name} ({' '.join(one.command)}): {'; '.join(problems)}")
    for line in wrong:
        print(line)
    if ARGUMENTS.table:
        for kind, count in tries.items():
            held = count - sum(line.startswith(kind + ": ") for line in wrong)
            print(f"| {kind} | {count} | {'held' if held == count else f'{count - held} did not hold'} |")
    print(f"{sum(tries.values()) - len(wrong)} passed, {len(wrong)} failed; at most {most_seconds:.1f} s and {most_mib} MiB")
    return 1 if wrong else 0


try:
    CODE = main()
finally:
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(CODE)
