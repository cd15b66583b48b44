"""The small C programs, the private Python environment, and the packages that the peers are."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Missing(Exception):
    """Something a peer needs is neither there nor to be had."""


def quiet(command, seconds=600):
    """Runs a command to its end; its output is shown only where it fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=seconds, check=False)
    if done.returncode != 0:
        raise Missing(f"`{' '.join(command)}` failed: {done.stdout.strip()[-300:]}")
    return done.stdout


def read_back(*programs):
    """Has programs be read from the disk when they are run next, as those are that were installed before the machine started.

    A file that was just written lies in the page cache in larger pieces, which are mapped whole: it shows up to 2 MiB more of itself as
    resident, and takes fewer page faults.
    """
    for program in programs:
        fd = os.open(program, os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


class Tools:
    """Where everything is. Made once a run; installs what is missing and asks nothing."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.service = self.compile("service", "-nostdlib", "-ffreestanding", "-fno-stack-protector")
        self.probe = self.compile("probe")

    def compile(self, name, *flags):
        """The path of the program of `name`.c, compiled where that was not done yet."""
        source, binary = os.path.join(HERE, name + ".c"), os.path.join(self.folder, name)
        if not os.path.exists(binary) or os.path.getmtime(binary) < os.path.getmtime(source):
            compiler = next(filter(shutil.which, ("gcc", "clang", "cc")), "gcc")
            quiet([compiler, "-std=gnu11", "-Wall", "-Wextra", "-O2", "-static", *flags, "-o", binary + ".new", source])
            os.replace(binary + ".new", binary)
        return binary

    def debian(self, program, package):
        """The path of a program, from its Debian package where it is not there yet."""
        found = shutil.which(program)
        if found:
            return found
        apt = ["apt-get", "install", "-y", "--no-install-recommends", package]
        if os.geteuid() != 0:
            apt = ["sudo", "-n", *apt]
        print(f"installing {package}: {' '.join(apt)}", file=sys.stderr)
        quiet(["env", "DEBIAN_FRONTEND=noninteractive", *apt])
        found = shutil.which(program)
        if not found:
            raise Missing(f"{program} is not in the Debian package {package}")
        return found

    def python(self, requirement):
        """The interpreter of a private environment that has this requirement from PyPI.

        The interpreter is a copy and, on Debian, not the one that runs the harness: pages that two processes share
        count half in each one's PSS, and that would be a present to the peer.
        """
        environment = os.path.join(self.folder, "python")
        interpreter = os.path.join(environment, "bin", "python3")
        if not os.path.exists(interpreter):
            base = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable
            try:
                quiet([base, "-m", "venv", "--copies", environment])
            except Missing:
                shutil.rmtree(environment, ignore_errors=True)
                quiet([sys.executable, "-m", "venv", "--copies", environment])
        marker = os.path.join(environment, requirement.replace("=", "-"))
        if not os.path.exists(marker):
            print(f"installing {requirement} into {environment}", file=sys.stderr)
            quiet([interpreter, "-m", "pip", "install", "--quiet", requirement])
            with open(marker, "w", encoding="utf-8"):
                pass
        return interpreter


def debian_version(package):
    """The version of an installed package, without Debian's own part."""
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False)
    return done.stdout.split("-")[0] if done.returncode == 0 else ""
