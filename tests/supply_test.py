#!/usr/bin/env python3
"""What a release is made of is written down whole: tests/supply_test.py PROGRAM"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = sys.argv.pop(1)


class Supply(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        for name in ("a", "b"):
            subprocess.run([sys.executable, ROOT / "packaging/supply.py", PROGRAM, pathlib.Path(cls.folder.name) / name], check=True)
        cls.versions = (pathlib.Path(cls.folder.name) / "a/versions.txt").read_text()
        cls.bill = json.loads((pathlib.Path(cls.folder.name) / "a/sbom.cdx.json").read_text())

    def test_two_runs_write_the_same_bytes(self):
        for name in ("versions.txt", "sbom.cdx.json"):
            a, b = (pathlib.Path(self.folder.name) / run / name for run in ("a", "b"))
            self.assertEqual(a.read_bytes(), b.read_bytes())

    def test_the_version_is_the_same_wherever_it_stands(self):
        version = re.search(r"project\(cotejo VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
        lock = json.loads((ROOT / "web/package-lock.json").read_text())
        self.assertEqual({version}, {
            json.loads((ROOT / "web/package.json").read_text())["version"], lock["version"], lock["packages"][""]["version"],
            re.search(r"(?m)^version: (\S+)$", (ROOT / "CITATION.cff").read_text()).group(1),
            re.search(r"(?m)^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text()).group(1),
        })

    def test_every_library_that_the_program_loads_has_a_version(self):
        self.assertRegex(self.versions, r"(?m)^  libc6 \S+$")
        self.assertRegex(self.versions, r"(?m)^  libgdal\d+ \S+$")
        self.assertRegex(self.versions, r"(?m)^  libsqlite3-0 \S+$")

    def test_the_bill_of_materials_names_every_component_once_with_a_version(self):
        self.assertEqual((self.bill["bomFormat"], self.bill["specVersion"]), ("CycloneDX", "1.5"))
        references = [component["bom-ref"] for component in self.bill["components"]]
        self.assertEqual(len(references), len(set(references)))
        self.assertGreater(len(references), 100)
        for component in self.bill["components"]:
            self.assertTrue(component["version"], component)
            self.assertTrue(component["purl"].startswith("pkg:"), component)
            if component["purl"].startswith("pkg:npm/"):
                self.assertIn(len(component["hashes"][0]["content"]), (40, 64, 96, 128))
        self.assertTrue(set(self.bill["dependencies"][0]["dependsOn"]) <= set(references))

    def test_npm_packages_are_checked_by_their_hash_and_run_no_scripts(self):
        lock = json.loads((ROOT / "web/package-lock.json").read_text())
        self.assertGreaterEqual(lock["lockfileVersion"], 2)
        for path, entry in lock["packages"].items():
            if path and not entry.get("link"):
                self.assertTrue(entry["integrity"].startswith("sha512-"), path)
        self.assertIn("ci --ignore-scripts", (ROOT / "web/CMakeLists.txt").read_text())
        self.assertIn("ignore-scripts=true", (ROOT / "web/.npmrc").read_text().split())

    def test_nothing_says_where_packages_were_fetched(self):
        for text in (self.versions, json.dumps(self.bill), (ROOT / "web/package-lock.json").read_text()):
            self.assertNotRegex(text, r"https?://\S*(registry|mirror|proxy)")


unittest.main(verbosity=1)
