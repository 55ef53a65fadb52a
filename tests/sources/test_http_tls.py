"""
TLS as a user configures it: trusted by a file, not trusted, trusted whatever it is, and for another name.
"""

import shutil
import ssl
import subprocess
from pathlib import Path
from threading import Thread

import pytest
from canarypolicy.derived.window import Missing
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import World
from canarypolicy.documents.source_parameters import HttpSourceParameters
from canarypolicy.sources.bounded_http import Answer, Exchange
from canarypolicy.sources.http_server import server_of

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="`openssl` is not installed: it makes the certificates")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def port(certificate):
    """
    Serve a fake behind real TLS.
    """
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # a client that does not trust us hangs up

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def get(url, **tls):
    world = World(variables={}, read_file=lambda path: Path(path).read_text(encoding="utf-8"))
    parameters = HttpSourceParameters(url=url, timeout="10s", tls_config=tls)
    exchange = Exchange(server_of(Keeper("source `s`", world), "s", parameters))
    try:
        return [exchange.get() for _ in range(2)]
    finally:
        exchange.close()


def test_a_certificate_of_the_file_is_trusted(certificate, port):
    assert get(f"https://localhost:{port}/", ca_file=str(certificate / "cert.pem")) == [Answer(status=200, body=b"{}")] * 2


def test_a_certificate_that_nobody_vouches_for_is_not(port):
    assert get(f"https://localhost:{port}/") == [Missing(why="no connection to `s`: its certificate is not trusted")] * 2


def test_a_certificate_for_another_name_is_not(certificate, port):
    found = get(f"https://127.0.0.1:{port}/", ca_file=str(certificate / "cert.pem"))
    assert found == [Missing(why="no connection to `s`: its certificate is not trusted")] * 2


def test_whoever_says_so_trusts_anything(port):
    assert get(f"https://127.0.0.1:{port}/", insecure_skip_verify=True) == [Answer(status=200, body=b"{}")] * 2
