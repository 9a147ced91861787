"""A real Postfix for tests: on loopback, in a folder of its own, and nothing it takes ever leaves this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from subprocess import DEVNULL, Popen, run
from tempfile import TemporaryDirectory
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, cast

import components
import trustme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
USER, PASSWORD = "newsletter", "right: horse, battery"
SECONDS = 60  # how long anything here may take before a test is told

# Everybody at every domain has a mailbox here, and they all are one folder. What tests measure by is left as Postfix
# has it, limits on errors too; only its pauses are taken out. Long ids are never used again, so that the log is clear.
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
enable_long_queue_ids = yes
myhostname = mail.example.org
mydestination =
inet_protocols = ipv4
inet_interfaces = loopback-only
mynetworks = 127.0.0.0/8
alias_maps =
default_transport = error:nothing leaves this machine
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:mail/
virtual_mailbox_base = {folder}/boxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
in_flow_delay = 0
queue_run_delay = 1
minimal_backoff_time = 1
maximal_backoff_time = 1
smtpd_recipient_restrictions = check_policy_service unix:{folder}/rules
smtpd_tls_chain_files = {folder}/server.pem
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = example.org
message_size_limit = {size_limit}
"""

MASTER_CF = """\
{port} inet n - n - - smtpd
{submission_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
{tls_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

# Debian's Postfix looks for this in the folder sasl of its configuration.
SMTPD_CONF = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/sasldb
mech_list: PLAIN LOGIN
"""

_TRACE = re.compile(rb"(?:(?:Return-Path|X-Original-To|Delivered-To|Received):[^\n]*\n(?:[ \t][^\n]*\n)*)+")


class _Question(StreamRequestHandler):
    """Postfix asks about recipients, one after the other (its manual: SMTPD_POLICY_README)."""

    server: _Rules

    def handle(self) -> None:
        """Answer until Postfix hangs up."""
        asked: dict[str, str] = {}
        for line in self.rfile:
            if pair := line.decode().rstrip("\n"):
                name, _, asked[name] = pair.partition("=")
            else:
                self.wfile.write(f"action={self.server.answer(asked['recipient'])}\n\n".encode())


class _Rules(ThreadingTCPServer):
    """Who is refused, and who is put off how many more times."""

    address_family = getattr(socket, "AF_UNIX", socket.AF_INET)  # Windows has neither this nor a Postfix
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path) -> None:
        super().__init__(cast("Any", str(path)), _Question)  # a path, as its family has it
        path.chmod(0o666)
        self.refused: set[str] = set()
        self.put_off: Counter[str] = Counter()
        self.lock = Lock()

    def answer(self, address: str) -> str:
        """Return what Postfix is to do about a recipient."""
        with self.lock:
            if address in self.refused:
                return "550 5.1.1 Nobody of this name"
            if self.put_off[address] > 0:
                self.put_off[address] -= 1
                return "450 4.2.0 Greylisted, try again later"
        return "DUNNO"


class Postfix:
    """A running Postfix.

    Anybody may hand mail in at *port*, with STARTTLS if they like. *submission_port* wants STARTTLS and *tls_port* is
    TLS from the first byte; both want *user* and *password*. *ca* is the certificate to trust.
    """

    host, user, password = HOST, USER, PASSWORD

    def __init__(self, folder: Path, ports: list[int], rules: _Rules) -> None:
        self.port, self.submission_port, self.tls_port = ports
        self.ca = folder / "ca.pem"
        self._folder = folder
        self._rules = rules
        self._marks = count(1)

    def refuse(self, address: str) -> None:
        """Answer 550 to this recipient from now on."""
        self._rules.refused.add(address)

    def defer(self, address: str, times: int) -> None:
        """Answer 450 to this recipient the next so many *times*."""
        self._rules.put_off[address] = times

    def delivered(self) -> list[bytes]:
        """Return every mail delivered so far as it lies in the mailbox, with Postfix's lines on top; see `as_sent`."""
        self.drain()
        return [path.read_bytes() for path in sorted(self._box.glob("*"))]

    def queue(self) -> list[dict[str, Any]]:
        """Return what Postfix has taken but not delivered yet, as ``postqueue -j`` has it."""
        return [json.loads(line) for line in self._output("postqueue", "-j").splitlines()]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let Postfix take mail but deliver none of it."""
        boxes = self._folder / "boxes"
        boxes.chmod(0)
        try:
            yield
        finally:
            boxes.chmod(0o755)

    def drain(self) -> None:
        """Wait until all that Postfix has taken is delivered; TimeoutError after a minute."""
        _wait(lambda: not self.queue(), "the queue is not empty")

    def log(self) -> str:
        """Return Postfix's log, all that was written before now."""
        mark = f"mark {next(self._marks)} of {os.getpid()}"
        self._output("postlog", "-t", "tests", mark)  # takes its turn behind what is on its way to the file
        _wait(lambda: mark in self._maillog.read_text("utf-8"), "the log stands still")
        return self._maillog.read_text("utf-8")

    def accepted_per_recipient(self) -> Counter[str]:
        """Return how many mails Postfix has taken for each recipient, by its own log."""
        self.drain()
        return Counter(to for _, to in set(re.findall(r": (\w+): to=<([^>]*)>", self.log())))

    def forget(self) -> None:
        """Begin anew: nobody refused or put off, no mail, an empty log."""
        self.drain()
        self.log()
        self._rules.refused.clear()
        self._rules.put_off.clear()
        for path in self._box.glob("*"):
            path.unlink()
        os.truncate(self._maillog, 0)

    @property
    def _box(self) -> Path:
        return self._folder / "boxes/mail/new"

    @property
    def _maillog(self) -> Path:
        return self._folder / "mail.log"

    def _output(self, command: str, *words: str) -> str:
        return _output(command, "-c", self._folder / "config", *words)


def as_sent(stored: bytes) -> bytes:
    """Return a delivered mail without the lines on top that tell its way, and with CRLF line ends, as it was sent."""
    trace = _TRACE.match(stored)
    return stored[trace.end() if trace else 0 :].replace(b"\n", b"\r\n")


def return_path(stored: bytes) -> str:
    """Return the envelope sender of a delivered mail."""
    return stored.partition(b"\n")[0].decode().removeprefix("Return-Path: <").removesuffix(">")


@contextmanager
def postfix_running(*, size_limit: int = 1_000_000) -> Iterator[Postfix]:
    """Start a Postfix that takes mails of at most *size_limit* bytes; skip the test, or fail it in CI, without one."""
    for command, package in (("postfix", "postfix"), ("saslpasswd2", "sasl2-bin")):
        if not shutil.which(command):
            components.missing(f"Debian's {package}")
    if os.geteuid() != 0:
        components.missing("root's account, by which alone Postfix starts,")
    with (
        TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True) as name,
        _Rules(Path(name, "rules")) as rules,
        _own_ports(3) as ports,
    ):
        _furnish(Path(name), ports, size_limit)
        Thread(target=rules.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            with _master(Path(name), ports[0]):
                yield Postfix(Path(name), ports, rules)
        finally:
            rules.shutdown()


def _furnish(folder: Path, ports: list[int], size_limit: int) -> None:
    """Write all that Postfix reads into *folder*."""
    import pwd  # noqa: PLC0415  Windows has no such module

    folder.chmod(0o755)  # its processes are not root
    owner, nobody = pwd.getpwnam("postfix"), pwd.getpwnam("nobody")
    names = dict(zip(("port", "submission_port", "tls_port"), (f"{HOST}:{port}" for port in ports), strict=True))
    values = {"folder": folder, "uid": nobody.pw_uid, "gid": nobody.pw_gid, "size_limit": size_limit}
    (folder / "config/sasl").mkdir(parents=True)
    for file, text in (("main.cf", MAIN_CF), ("master.cf", MASTER_CF), ("sasl/smtpd.conf", SMTPD_CONF)):
        (folder / "config" / file).write_text(text.format(**values, **names), "utf-8")
    for sub, who in (("queue", 0), ("data", owner.pw_uid), ("boxes", nobody.pw_uid)):
        (folder / sub).mkdir()
        os.chown(folder / sub, who, -1)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert(HOST, "localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    words = ["saslpasswd2", "-p", "-c", "-f", str(folder / "sasldb"), "-u", "example.org", USER]
    run(words, input=PASSWORD, text=True, check=True, timeout=SECONDS)
    os.chown(folder / "sasldb", owner.pw_uid, -1)


@contextmanager
def _master(folder: Path, port: int) -> Iterator[None]:
    """Run Postfix's master from *folder*, and yield once it listens at *port*."""
    config = folder / "config"
    _output("postfix", "-c", config, "check")  # makes the queue's folders
    program = Path(_output("postconf", "-c", config, "-h", "daemon_directory").strip(), "master")
    # -d: it stays our child. -e: if we are killed, it still ends, after two hours. A session of its own, because with
    # itself it ends every process of its group.
    words = [str(program), "-c", str(config), "-d", "-e", "7200"]
    master = Popen(words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True)
    try:
        _wait(lambda: master.poll() is not None or _listens(port), "Postfix does not start")
        if master.poll() is not None:
            raise RuntimeError("Postfix ended: " + (folder / "mail.log").read_text("utf-8"))
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(master.pid, signal.SIGTERM)
        master.wait(SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(master.pid, signal.SIGKILL)


@contextmanager
def _own_ports(number: int) -> Iterator[list[int]]:
    """Yield ports that nobody else gets: they stay bound, and SO_REUSEADDR lets Postfix listen at them all the same."""
    with ExitStack() as held:
        ports = []
        for _ in range(number):
            place = held.enter_context(socket.socket())
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            place.bind((HOST, 0))
            ports.append(int(place.getsockname()[1]))
        yield ports


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), SECONDS) as connection:
            return connection.recv(3) == b"220"
    except ConnectionError:
        return False


def _wait(is_done: Callable[[], bool], fault: str) -> None:
    """Look again and again until *is_done*; TimeoutError with *fault* after a minute."""
    end = time.monotonic() + SECONDS
    while not is_done():
        if time.monotonic() > end:
            raise TimeoutError(f"After {SECONDS} seconds: {fault}")
        time.sleep(0.02)


def _output(*words: str | Path) -> str:
    return run(words, capture_output=True, check=True, text=True, timeout=SECONDS).stdout
