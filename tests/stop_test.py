#!/usr/bin/env python3
"""The first Ctrl-C ends any long read within a second: tests/stop_test.py PROGRAM [-v]

One test for each kind of reader. Each reads a file that takes longer than the moment at which the signal comes, and
ends as stopped, within a second of the processor from it (the clock also counts what else the machine does), with no
case made.
"""
import gzip
import json
import os
import pathlib
import resource
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile

PROGRAM = sys.argv.pop(1)
MOST_SECONDS = 1.0
STOPPED = 5
OPTIONS = 10


def waited_for():
    """Seconds of the processor of every child that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def votes(unit, option):
    return (unit * 7919 + option * 104729) % (400 // (option + 1))


def rows(first, last, separator=","):
    return "".join(separator.join(map(str, [100_000 + i] + [votes(i, o) for o in range(OPTIONS)])) + "\n"
                   for i in range(first, last))


HEADER = ",".join(["unit"] + [f"party_{o}" for o in range(OPTIONS)]) + "\n"


def profile(path, keys="", tables="", column="party_{}"):
    return (f'schema = "cotejo.profile/1"\n[file]\npath = "{path}"\n{keys}[count]\nid = "x/y"\ncontest = "x/c"\n'
            f'[unit]\nkey = "unit"\n{tables}' +
            "".join(f'[[option]]\nid = "P{o}"\ncolumn = "{column.format(o)}"\n' for o in range(OPTIONS)))


class Stop(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="cotejo-stop-")
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, name, text):
        (self.folder / name).write_text(text)

    @staticmethod
    def computed(child):
        """Its seconds of the processor so far."""
        fields = pathlib.Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def works(self, child, seconds):
        """Waits until the program takes signals and has then computed for so long; False when it is over before."""
        process, begin = pathlib.Path(f"/proc/{child.pid}"), None
        while child.poll() is None:
            try:
                computed = self.computed(child)
                blocked = next(line for line in (process / "status").read_text().splitlines() if line.startswith("SigBlk:"))
            except OSError:
                break
            if begin is None and int(blocked.split()[1], 16) >> (signal.SIGINT - 1) & 1:
                begin = computed
            if begin is not None and computed >= begin + seconds:
                return True
            time.sleep(0.002)
        return False

    def stops(self, *arguments, made="x.cotejo", after=0.2, times=1):
        child = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertTrue(self.works(child, after), "the read is over before the signal: it takes a larger file")
        before, others = self.computed(child), waited_for()
        for _ in range(times):
            child.send_signal(signal.SIGINT)
            time.sleep(0.01)
        _, text = child.communicate(timeout=60)
        took, text = waited_for() - others - before, text.decode()
        if "-v" in sys.argv:
            print(f"{self._testMethodName}: {took:.2f} s{', ended' if 'ended;' in text else ''}", file=sys.stderr)
        self.assertEqual(child.returncode, STOPPED, text)
        self.assertLess(took, MOST_SECONDS, text)
        self.assertNotIn("cut short", text)
        self.assertFalse((self.folder / made).exists())
        return text

    def imports(self, name, text=None, after=0.2, times=1):
        if text:
            self.write("p.toml", text)
        return self.stops("import", "x.cotejo", "p.toml" if text else name, after=after, times=times)

    def csv(self, name="x.csv", count=600_000):
        with open(self.folder / name, "w") as file:
            file.write(HEADER)
            for first in range(0, count, 100_000):
                file.write(rows(first, min(count, first + 100_000)))
        return self.folder / name

    def test_delimited_text(self):
        self.csv()
        self.imports("x.csv", profile("x.csv"))

    def test_a_signal_sent_twice_at_once_is_one(self):
        self.csv()
        text = self.imports("x.csv", profile("x.csv"), times=2)
        self.assertGreater(len(text.strip().splitlines()), 1, f"it ended without the reason: {text}")

    def test_text_in_a_gzip_or_a_zip(self):
        content = self.csv().read_bytes()
        with zipfile.ZipFile(self.folder / "x.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("x.csv", content)
        self.imports("x.zip", profile("x.zip"))
        (self.folder / "x.csv.gz").write_bytes(gzip.compress(content, 1))
        self.imports("x.csv.gz", profile("x.csv.gz"))

    def test_an_archive_by_tar(self):
        self.csv()
        for name, mode in (("x.tar", "w"), ("x.tgz", "w:gz")):
            with tarfile.open(self.folder / name, mode, **({"compresslevel": 1} if "gz" in mode else {})) as archive:
                archive.add(self.folder / "x.csv", "x.csv")
            self.imports(name, profile(name))

    def test_one_row_for_each_unit_and_name(self):
        with open(self.folder / "x.csv", "w") as file:
            file.write("unit,party,votes\n")
            for i in range(200_000):
                file.write("".join(f"{100_000 + i},Party {o},{votes(i, o)}\n" for o in range(OPTIONS)))
        self.imports("x.csv", profile("x.csv", tables='[long]\nname = "party"\nvalue = "votes"\n', column="Party {}"))

    def test_lines_of_fixed_width(self):
        with open(self.folder / "x.txt", "w") as file:
            for i in range(600_000):
                file.write(f"{i:8d}" + "".join(f"{votes(i, o):4d}" for o in range(OPTIONS)) + "\n")
        columns = '[[file.column]]\nname = "unit"\nfrom = 1\nlength = 8\n' + "".join(
            f'[[file.column]]\nname = "party_{o}"\nfrom = {9 + 4 * o}\nlength = 4\n' for o in range(OPTIONS))
        self.imports("x.txt", profile("x.txt", 'layout = "fixed"\n' + columns))

    def test_rows_and_columns_that_change_places(self):
        units = 9_999
        lines = [["unit"] + [str(i) for i in range(units)]] + [
            [f"party_{o}"] + [str(votes(i, o % OPTIONS)) for i in range(units)] for o in range(380)]
        self.write("x.csv", "".join(",".join(line) + "\n" for line in lines))
        self.imports("x.csv", profile("x.csv", "transposed = true\n"))

    def test_a_sheet_xlsx(self):
        types = ('<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
                 'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/'
                 'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')
        with zipfile.ZipFile(self.folder / "x.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("[Content_Types].xml", types)
            archive.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>')
            archive.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="rId1" Type="worksheet" '
                                                           'Target="worksheets/sheet1.xml"/></Relationships>')
            archive.writestr("xl/sharedStrings.xml", "<sst/>")
            cells = [f'<c r="{chr(65 + c)}1" t="inlineStr"><is><t>{name}</t></is></c>'
                     for c, name in enumerate(HEADER.strip().split(","))]
            body = [f'<row r="1">{"".join(cells)}</row>']
            for i in range(2, 200_000):
                body.append(f'<row r="{i}"><c r="A{i}"><v>{i}</v></c>' +
                            "".join(f'<c r="{chr(66 + o)}{i}"><v>{votes(i, o)}</v></c>' for o in range(OPTIONS)) + "</row>")
            archive.writestr("xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + "".join(body) + "</sheetData></worksheet>")
        self.imports("x.xlsx", profile("x.xlsx"))

    def test_a_sheet_ods(self):
        text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        number = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
        body = ["".join(text.format(name) for name in HEADER.strip().split(","))]
        for i in range(100_000):
            body.append(number.format(i) + "".join(number.format(votes(i, o)) for o in range(OPTIONS)))
        with zipfile.ZipFile(self.folder / "x.ods", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", '<office:document-content><office:body><office:spreadsheet><table:table table:name="S">' +
                             "".join(f"<table:table-row>{row}</table:table-row>" for row in body) +
                             "</table:table></office:spreadsheet></office:body></office:document-content>")
        self.imports("x.ods", profile("x.ods"))

    def test_a_table_and_a_view_of_sqlite(self):
        connection = sqlite3.connect(self.folder / "x.db")
        names = ", ".join(f"party_{o} INTEGER" for o in range(OPTIONS))
        connection.execute(f"CREATE TABLE t (unit TEXT, {names})")
        connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * (OPTIONS + 1))})",
                               ([str(i)] + [votes(i, o) for o in range(OPTIONS)] for i in range(500_000)))
        connection.execute("CREATE VIEW v AS SELECT * FROM t ORDER BY party_3, unit")
        connection.commit()
        connection.close()
        for table in ("t", "v"):
            self.imports("x.db", profile("x.db", f'table = "{table}"\n'))

    def test_nist_json(self):
        with open(self.folder / "x.json", "w") as file:
            file.write('{"@type": "ElectionResults.ElectionReport", "GpUnit": [')
            file.write(",\n".join(f'{{"@id": "u{i}", "@type": "ElectionResults.ReportingUnit", "Type": "precinct"}}' for i in range(30_000)))
            file.write('], "Election": [{"Contest": [{"Name": "x", "ContestSelection": [')
            for o in range(OPTIONS):
                file.write(("," if o else "") + f'{{"@id": "s{o}", "VoteCounts": [' + ",\n".join(
                    f'{{"GpUnitId": "u{i}", "Type": "total", "Count": {votes(i, o)}}}' for i in range(30_000)) + "]}")
            file.write("]}]}]}")
        self.imports("x.json")

    def test_eml(self):
        with open(self.folder / "x.xml", "w") as file:
            file.write('<?xml version="1.0"?><EML Id="510b"><Count><Election><Contests><Contest><ContestIdentifier Id="c">'
                       "<ContestName>x</ContestName></ContestIdentifier>")
            for i in range(60_000):
                file.write(f'<ReportingUnitVotes><ReportingUnitIdentifier Id="u{i}">Unit {i}</ReportingUnitIdentifier>' + "".join(
                    f'<Selection><AffiliationIdentifier Id="{o}"><RegisteredName>Party {o}</RegisteredName>'
                    f"</AffiliationIdentifier><ValidVotes>{votes(i, o)}</ValidVotes></Selection>" for o in range(OPTIONS)) +
                           "</ReportingUnitVotes>\n")
            file.write("</Contest></Contests></Election></Count></EML>")
        self.imports("x.xml")

    def test_popolo(self):
        people = ",".join(f'{{"id": "p{i}", "name": "P {i}"}}' for i in range(500))
        events = ",\n".join(f'{{"id": "e{e}", "votes": [' + ",".join(
            f'{{"voter_id": "p{i}", "option": "{"yes" if (i + e) % 3 else "no"}"}}' for i in range(500)) + "]}" for e in range(1_500))
        self.write("x.json", f'{{"persons": [{people}], "vote_events": [{events}]}}')
        self.imports("x.json")

    def test_openelections_and_the_long_csv_of_this_program(self):
        with open(self.folder / "x.csv", "w") as file:
            file.write("county,precinct,office,district,party,candidate,votes\n")
            for i in range(100_000):
                file.write("".join(f"C,{i},President,,,Party {o},{votes(i, o)}\n" for o in range(OPTIONS)))
        self.imports("x.csv")
        with open(self.folder / "x.csv", "w") as file:
            file.write("unit,quantity,value\n")
            for i in range(100_000):
                file.write("".join(f"{i},option:P{o},{votes(i, o)}\n" for o in range(OPTIONS)))
        self.imports("x.csv")

    def test_the_proposal_of_a_profile(self):
        self.csv()
        for after in (0.2, 0.6):
            self.stops("profile", "x.csv", "--yes", "--out", "p.toml", made="p.toml", after=after)

    def test_an_audit_and_its_verification(self):
        self.csv("data.csv", 400_000)
        (self.folder / "profiles").mkdir()
        self.write("profiles/p.toml", profile("data.csv") + '[rule]\nuse = "plurality"\n')
        self.write("plan.toml", 'schema = "cotejo.plan/1"\nid = "p"\ntitle = "T"\nquestion = "Q?"\nseed = 1\ndata = "."\n'
                                '[[input]]\nprofile = "profiles/p.toml"\n[[finding]]\nid = "f"\nmethod = "count"\ncount = "x/y"\n')
        self.stops("audit", "plan.toml", "--out", "out", made="out")
        subprocess.run([PROGRAM, "audit", "plan.toml", "--out", "out"], cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        self.stops("verify", "out", "--rerun")
        self.assertEqual(json.loads((self.folder / "out/manifest.json").read_text())["schema"], "cotejo.manifest/2")


unittest.main()
