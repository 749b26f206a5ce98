"""What the benchmarks share: a server with its CPU time and memory, and a browser that signs in."""

import base64
import http.client
import json
import os
import platform
import re
import signal
import socket
import subprocess
import time
import urllib.parse
from html import unescape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
REDIRECT = "http://127.0.0.1:1/cb"
PASSWORD = "correct horse battery staple"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A server with its CPU time and its memory."""

    def __init__(self, command, port, ready, env=None, log=subprocess.DEVNULL):
        began = time.perf_counter()
        self.port = port
        self.child = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        while True:
            try:
                if request(port, "GET", ready)[0] == 200:
                    break
            except OSError:
                pass
            if self.child.poll() is not None or time.perf_counter() - began > 60:
                self.stop()
                raise RuntimeError(f"{command[0]} did not become ready; exit code {self.child.poll()}")
            time.sleep(0.001)
        self.started_ms = (time.perf_counter() - began) * 1000

    def cpu_ms(self):
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) * TICK_MS

    def rss_mib(self):
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()


def request(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read().decode()
    finally:
        connection.close()


class Tessera:
    """A binary with a folder of its own."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.env = {
            **os.environ,
            "TESSERA__SERVER__ISSUER": f"http://127.0.0.1:{self.port}",
            "TESSERA__SERVER__LISTEN": f"127.0.0.1:{self.port}",
            "TESSERA__DATABASE__URL": f"sqlite:{folder}/tessera.db",
            "TESSERA__KEYS__DIRECTORY": f"{folder}/keys",
        }

    def serve(self):
        log = open(self.folder / "log", "a")
        os.chdir(self.folder)  # no tessera.toml of the checkout is read
        return Process([RELEASE / "tessera", "serve"], self.port, "/readyz", self.env, log)

    def run(self, *arguments, stdin=""):
        command = [RELEASE / "tessera", *arguments]
        done = subprocess.run(command, input=stdin, env=self.env, cwd=self.folder,
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"tessera {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def client(self, **metadata):
        made = json.loads(self.run("client", "create", "--file", "-", stdin=json.dumps(metadata)))
        pair = f"{made['client_id']}:{made['client_secret']}".encode()
        return made["client_id"], "Basic " + base64.b64encode(pair).decode()

    def token(self, authorization, **form):
        headers = {"Authorization": authorization, "Content-Type": "application/x-www-form-urlencoded"}
        status, _, body = request(self.port, "POST", "/token", urllib.parse.urlencode(form), headers)
        if status != 200:
            raise RuntimeError(f"token: {status} {body}")
        return json.loads(body)


class Browser:
    """Cookies, redirects and the two forms between an application and its code."""

    def __init__(self, tessera):
        self.port, self.origin, self.jar = tessera.port, f"http://127.0.0.1:{tessera.port}", {}

    def send(self, method, path, form=None):
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self.jar.items()),
                   "Origin": self.origin, "Sec-Fetch-Site": "same-origin",
                   "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
        body = urllib.parse.urlencode(form) if form else None
        status, answer, text = request(self.port, method, path, body, headers)
        location = ""
        for name, value in answer:
            if name.lower() == "set-cookie":
                pair, _, attributes = value.partition(";")
                key, _, val = pair.partition("=")
                if not val or "max-age=0" in attributes.lower():
                    self.jar.pop(key, None)
                else:
                    self.jar[key] = val
            elif name.lower() == "location":
                location = value
        return status, location, text

    def code(self, url, username):
        method, form = "GET", None
        for _ in range(12):
            status, location, text = self.send(method, url, form)
            method, form = "GET", None
            if location.startswith(REDIRECT):
                answer = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
                if "code" not in answer:
                    raise RuntimeError(f"no code: {location}")
                return answer["code"][0]
            if location:
                url = location.removeprefix(self.origin)
                continue
            fields = {}
            for name in ("csrf", "request", "person"):
                tag = re.search(rf'<[^>]*name="{name}"[^>]*>', text)
                value = tag and re.search(r'value="([^"]*)"', tag[0])
                if value:
                    fields[name] = unescape(value[1])
            method = "POST"
            if 'id="login"' in text:
                url, form = "/sign-in", {**fields, "username": username, "password": PASSWORD}
            elif 'id="allow"' in text:
                url, form = "/consent", {**fields, "decision": "allow"}
            else:
                raise RuntimeError(f"an unexpected page at {url}: {status} {text[:300]}")
        raise RuntimeError("too many redirects")


def machine():
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) // 1048576
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {memory} GiB, "
            f"Linux {platform.release()}, load before {os.getloadavg()[0]:.1f}")  # fmt: skip
