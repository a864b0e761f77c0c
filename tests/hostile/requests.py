#!/usr/bin/env python3
"""2,000 hostile requests to `cotejo serve` on 127.0.0.1, while strangers hold every connection that they can.

    tests/hostile/requests.py PROGRAM [--table] [--tries N] [--seed N]

What must hold for each: nothing private is answered without the session, one request has one answer, no answer is the
program's own fault (500), and the owner of the session is answered meanwhile. At the end the case is as it was and nothing
lies beside it. The requests are drawn from a seed that is printed; a run is bounded in count and time.
"""
import argparse
import collections
import hashlib
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--table", action="store_true")
parser.add_argument("--tries", type=int, default=2000)
parser.add_argument("--seed", type=int, default=20191020)
ARGUMENTS = parser.parse_args()
DRAW = random.Random(ARGUMENTS.seed)

PROFILE = ('schema = "cotejo.profile/1"\n[file]\npath = "x.csv"\n[count]\nid = "x/y"\ncontest = "x/c"\n[unit]\nkey = "unit"\n'
           '[[option]]\nid = "A"\ncolumn = "a"\n[[option]]\nid = "B"\ncolumn = "b"\n')
PRIVATE = ["/api/case", "/api/methods", "/api/places?count=x/y", "/api/count?count=x/y", "/api/unit?key=1", "/dossiers/x",
           "/api/jobs/1", "/api/columns?count=x/y&names=A"]
POSTS = ["/api/units", "/api/select", "/api/runs", "/api/plan", "/api/challenges", "/api/import", "/api/uploads?name=x.csv"]


class Server:
    def __init__(self, case):
        self.process = subprocess.Popen([ARGUMENTS.program, "serve", str(case), "--read-only", "--no-open"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        url = urllib.parse.urlparse(self.process.stdout.readline().strip())
        self.port, self.token = url.port, urllib.parse.parse_qs(url.query)["token"][0]
        answer = self.ask(f"GET /?token={self.token} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n".encode())
        self.cookie = next(line.split(":", 1)[1].split(";")[0].strip() for line in answer.decode("latin-1").split("\r\n")
                           if line.lower().startswith("set-cookie"))

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def ask(self, request, patience=5.0):
        """Everything that is answered until the other side closes, or for `patience` seconds."""
        out = b""
        with self.connect() as connection:
            connection.settimeout(patience)
            try:
                connection.sendall(request)
                while part := connection.recv(65536):
                    out += part
                    if len(out) > 4_000_000:
                        break
            except (TimeoutError, ConnectionError):
                pass
        return out

    def owner_is_answered(self):
        answer = self.ask(f"GET /api/case HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.cookie}\r\n"
                          "Connection: close\r\n\r\n".encode())
        return answer.startswith(b"HTTP/1.1 200")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


def one_of(*choices):
    return DRAW.choice(choices)


def blank_or_junk():
    return one_of(b"", b" ", b"\t", b"\0", b"\x0b", b"\r", b"\n", b"\xff", b"%00", b":", b"\r\n ")


def draw(server):
    """(kind, bytes, whether the request shows the session)."""
    host = f"Host: {server.host}\r\n".encode()
    session = f"Cookie: {server.cookie}\r\n".encode()
    inner = b"GET /api/case HTTP/1.1\r\n" + host + session + b"\r\n"
    private = DRAW.choice(PRIVATE).encode()
    kind = DRAW.choice(["no session", "wrong session", "foreign host", "foreign origin", "hidden request", "broken head",
                        "paths", "methods", "bodies", "noise"])
    if kind == "no session":
        return kind, b"GET " + private + b" HTTP/1.1\r\n" + host + b"\r\n", False
    if kind == "wrong session":
        name, secret = server.cookie.split("=")
        wrong = one_of(secret[:-1], secret + "0", secret.upper(), secret[::-1], "", "0" * 64, secret[:-1] + "\0", "*", server.token)
        return kind, (b"GET " + private + b" HTTP/1.1\r\n" + host + f"Cookie: {name}={wrong}\r\n\r\n".encode()), False
    if kind == "foreign host":
        return kind, (b"GET " + private + b" HTTP/1.1\r\nHost: " +
                      one_of(b"evil.example", b"127.0.0.1", b"localhost:1", b"127.0.0.1.evil.example:80", b"", b"[::1]") +
                      b"\r\n" + session + b"\r\n"), False
    if kind == "foreign origin":
        return kind, (b"POST " + DRAW.choice(POSTS).encode() + b" HTTP/1.1\r\n" + host + session + b"Origin: " +
                      one_of(b"http://evil.example", b"null", b"https://" + server.host.encode(), b"http://localhost:1") +
                      b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"), False
    if kind == "hidden request":
        length = str(len(inner)).encode()
        header = one_of(b"Content-Length: " + length, b"Content-Length : " + length, b"Content-Length:" + length,
                        b"content-length: " + length + b"\r\nContent-Length: 0", b"Transfer-Encoding: chunked",
                        b"Transfer-Encoding : chunked", b"Transfer-Encoding: xchunked", b"Transfer-Encoding: identity",
                        b"Content-Length: +" + length, b"Content-Length: 0x10", b"X: y\r\n Content-Length: " + length, b"X: y",
                        b"Content-Length: " + length + b"\r\nTransfer-Encoding: chunked")
        method = one_of(b"GET", b"HEAD", b"POST", b"DELETE", b"OPTIONS", b"PUT")
        shown = one_of(b"", session)
        return kind, method + b" " + one_of(private, b"/", b"/nowhere") + b" HTTP/1.1\r\n" + host + shown + header + b"\r\n\r\n" + inner, True
    if kind == "broken head":
        head = bytearray(b"GET " + private + b" HTTP/1.1\r\n" + host + b"\r\n")
        for _ in range(DRAW.randint(1, 6)):
            at = DRAW.randrange(len(head))
            head[at:at + DRAW.randint(0, 3)] = one_of(blank_or_junk(), bytes([DRAW.randrange(256)]), b"A" * DRAW.randint(1, 5000))
        return kind, bytes(head), False
    if kind == "paths":
        step = one_of("../", "..%2f", "%2e%2e/", "..\\", "....//", "%252e%252e%252f", "/", "%00", ".%00./")
        path = one_of("/dossiers/", "/", "/api/", "/assets/") + step * DRAW.randint(1, 8) + one_of("etc/passwd", "x.csv", "c.cotejo", "p.toml")
        return kind, f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\nCookie: {server.cookie}\r\nConnection: close\r\n\r\n".encode(), True
    if kind == "methods":
        return kind, (one_of(b"TRACE", b"CONNECT", b"PUT", b"PATCH", b"OPTIONS", b"PRI", b"get", b"G" * 3000, b"") + b" " + private +
                      b" HTTP/" + one_of(b"1.1", b"0.9", b"2.0", b"9.9", b"x", b"") + b"\r\n" + host + b"\r\n"), False
    if kind == "bodies":
        body = one_of(b"{}", b"[" * 5000, b'{"count": ' + b'{"a":' * 2000, b"\xff\xfe", b'{"count": "x/y", "limit": 1e308}', b"null",
                      b'{"count": "x/y", "columns": [' + b'"A",' * 5000 + b'"A"]}', b'{"count": "' + b"x" * 50000 + b'"}')
        return kind, (b"POST " + DRAW.choice(POSTS).encode() + b" HTTP/1.1\r\n" + host + session +
                      b"Content-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                      str(len(body) + one_of(0, 0, 0, -1)).encode() + b"\r\n\r\n" + body), True
    return kind, DRAW.randbytes(DRAW.randint(1, 3000)), False


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="cotejo-requests-"))
    try:
        (work / "p.toml").write_text(PROFILE)
        (work / "x.csv").write_text("unit,a,b\n" + "".join(f"{i},{i % 7},{i % 5}\n" for i in range(500)))
        case = work / "c.cotejo"
        subprocess.run([ARGUMENTS.program, "import", str(case), str(work / "p.toml")], check=True, stdout=subprocess.DEVNULL)
        before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in work.iterdir()}
        server = Server(case)
        held = []
        tries, wrong = collections.Counter(), []
        slowest = 0.0
        for i in range(ARGUMENTS.tries):
            if i % 50 == 0:  # strangers who say nothing, and strangers who never end
                for connection in held:
                    connection.close()
                held = [server.connect() for _ in range(100)]
                for connection in held[::2]:
                    try:
                        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
                    except OSError:
                        pass
            kind, request, shows_session = draw(server)
            tries[kind] += 1
            # The pause is only for those answers after which the server waits for a next request.
            answer = server.ask(request, 0.3)
            heads = answer.count(b"HTTP/1.1 ")
            if heads > 1:
                wrong.append((kind, f"{heads} answers to {request[:200]!r}"))
            if answer.startswith(b"HTTP/1.1 500"):
                wrong.append((kind, f"500 to {request[:200]!r}"))
            if not shows_session and answer.startswith(b"HTTP/1.1 200") and b'"counts"' in answer:
                wrong.append((kind, f"told without the session: {request[:200]!r}"))
            if b"root:" in answer or b"column = " in answer:
                wrong.append((kind, f"a file came out: {request[:200]!r}"))
            if i % 20 == 0:
                begin = time.monotonic()
                if not server.owner_is_answered():
                    wrong.append((kind, "the owner of the session is not answered"))
                slowest = max(slowest, time.monotonic() - begin)
            if server.process.poll() is not None:
                wrong.append((kind, f"the server ended after {request[:200]!r}"))
                break
        for connection in held:
            connection.close()
        if server.process.poll() is None:
            server.stop()
        after = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in work.iterdir()}
        if after != before:
            wrong.append(("files", f"the folder has changed: {sorted(set(before.items()) ^ set(after.items()))}"))
        for kind, what in wrong:
            print(f"{kind}: {what}")
        if ARGUMENTS.table:
            for kind, count in tries.items():
                bad = sum(1 for of, _ in wrong if of == kind)
                print(f"| requests: {kind} | {count} | {'held' if bad == 0 else f'{bad} did not hold'} |")
        print(f"{sum(tries.values())} requests (seed {ARGUMENTS.seed}); the owner waited {slowest:.2f} s at most")
        print(f"{sum(tries.values()) - len(wrong)} passed, {len(wrong)} failed")
        return 1 if wrong else 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


sys.exit(main())
