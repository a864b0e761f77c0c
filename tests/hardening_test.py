#!/usr/bin/env python3
"""The program is compiled so that a fault in it is hard to use: tests/hardening_test.py PROGRAM"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Hardening(unittest.TestCase):
    def setUp(self):
        self.headers, self.dynamic = output_of("readelf", "-hlW", PROGRAM), output_of("readelf", "-dW", PROGRAM)
        self.symbols = output_of("readelf", "--dyn-syms", "-W", PROGRAM)

    def test_it_lies_at_another_address_every_time(self):
        self.assertRegex(self.headers, r"Type:\s+DYN")
        self.assertIn("PIE", self.dynamic)

    def test_its_tables_are_read_only_once_it_runs(self):
        self.assertIn("GNU_RELRO", self.headers)
        self.assertIn("BIND_NOW", self.dynamic)
        self.assertRegex(self.headers, r"GNU_STACK.* RW ")

    def test_its_stack_and_buffers_are_guarded(self):
        self.assertIn("__stack_chk_fail", self.symbols)
        self.assertRegex(self.symbols, r"__\w+_chk@")

    def test_jumps_lead_where_a_function_begins(self):
        machine = re.search(r"Machine:\s+(.*)", self.headers).group(1)
        if "X86-64" not in machine:
            self.skipTest(machine)
        commands = json.loads((pathlib.Path(PROGRAM).parent.parent / "compile_commands.json").read_text())
        # Not the headers that are compiled alone, whose objects nothing links.
        own = [entry["command"] for entry in commands
               if re.search("/(src|apps)/", entry["file"]) and not re.search("/tests/|verify_interface", entry["command"])]
        self.assertGreater(len(own), 50)
        for command in own:
            self.assertIn("-fcf-protection", command)


unittest.main(verbosity=1)
