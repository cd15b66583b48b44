"""supervisord from PyPI."""

import os

from .base import Peer

VERSION = "4.3.0"

HEAD = """\
[unix_http_server]
file={folder}/supervisor.sock
chmod=0600

[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
loglevel=error
pidfile={folder}/supervisord.pid
minfds={descriptors}
minprocs=200

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{folder}/supervisor.sock
"""

# startsecs=0: up as soon as it runs, and so restarted without its own backoff.
SERVICE = """
[program:s{index}]
command={service} {stamps} {life} {index} {mode}
autorestart=true
startsecs=0
stopwaitsecs=1
redirect_stderr=true
stdout_logfile={log}
"""

REQUEST = """<?xml version='1.0'?><methodCall><methodName>supervisor.getProcessInfo</methodName>\
<params><param><value><string>s{index}</string></value></param></params></methodCall>"""


class Supervisord(Peer):
    name = "supervisord"
    log = "NONE"

    def install(self, tools):
        self.python = tools.python("supervisor==" + VERSION)

    def version(self):
        return VERSION

    def prepare(self, arena, tools, count, mode):
        # A pipe or two a service, and what it needs itself; it closes this many descriptors in each child.
        text = HEAD.format(folder=arena.folder, descriptors=max(1024, 4 * count + 100))
        for index in range(count):
            text += SERVICE.format(
                index=index, service=tools.service, stamps=arena.stamps, life=arena.life, mode=mode,
                log=self.log.format(folder=arena.folder))
        configuration = arena.write("supervisord.conf", text)
        return [self.python, "-m", "supervisor.supervisord", "-c", configuration]

    def client(self, arena, index):
        return [self.python, os.path.join(os.path.dirname(self.python), "supervisorctl"),
                "-c", arena.path("supervisord.conf"), "status", f"s{index}"]

    def probe(self, arena, index):
        body = REQUEST.format(index=index)
        request = arena.write("request", (
            "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\nContent-Type: text/xml\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"))
        return ["socket", arena.path("supervisor.sock"), request, "</methodResponse>\n"]


class LoggingSupervisord(Supervisord):
    """The same with the lines of its services in a file that is rotated."""

    log = "{folder}/log\nstdout_logfile_maxbytes=10MB\nstdout_logfile_backups=1"
