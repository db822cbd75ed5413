"""Processes that end when their time is over, and the clock that hands the time out."""
import os
import signal
import subprocess
import threading
import time


class OutOfTime(Exception):
    pass


class Clock:
    """Hands out what is left of the whole."""

    def __init__(self, seconds):
        self.end = time.monotonic() + seconds

    @property
    def left(self):
        return self.end - time.monotonic()

    def part(self, seconds, at_least=3):
        """The time that something may take; nothing is begun that cannot get anywhere."""
        if self.left < at_least:
            raise OutOfTime("left out: no time was left")
        return min(seconds, self.left)


class Finished:
    def __init__(self, code, output, errors, timed_out, seconds):
        self.code, self.output, self.errors, self.timed_out, self.seconds = code, output, errors, timed_out, seconds

    @property
    def failure(self):
        """One line for a table; None where it went well."""
        if self.timed_out:
            return f"not done after {self.seconds:.0f} s"
        if self.code == 0:
            return None
        said = [line for line in (self.errors or self.output).splitlines() if line.strip()]
        errors = [line for line in said if line.startswith("error")] or said[-1:]
        return f"exit code {self.code}" + (f": {errors[0]}" if errors else "")


def end(process):
    """Ends a process with all that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def start(command, **options):
    return subprocess.Popen(command, start_new_session=True, text=True, errors="replace", **options)


def run(command, seconds, log=None, **options):
    began = time.monotonic()
    process = start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    timed_out = False
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        end(process)
        timed_out = True
        output, errors = process.communicate()
    if log:
        with open(log, "w") as file:
            file.write(f"$ {' '.join(command)}\n{output}\n--- standard error, exit code {process.returncode}\n{errors}")
    return Finished(process.returncode, output, errors, timed_out, time.monotonic() - began)


class Worker:
    """Makes as many steps as it is told, when it is told (bench/Workers.cs, bench/reference.py)."""

    def __init__(self, name, command, log, **options):
        self.name, self.failure, self.times, self.peak = name, None, [], None
        self.errors = open(log, "w")
        self.process = start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, **options)
        self.log = log

    def _line(self, seconds):
        answer = []
        reader = threading.Thread(target=lambda: answer.append(self.process.stdout.readline()), daemon=True)
        reader.start()
        reader.join(max(0.1, seconds))
        if not answer:
            raise RuntimeError(f"no answer within {seconds:.0f} s")
        if not answer[0]:
            self.process.wait()
            self.errors.flush()
            said = [line.strip() for line in open(self.log, errors="replace") if line.strip()]
            # .NET's message stands before the stack, Python's behind it.
            reason = [line for line in said if line.startswith("Unhandled exception")] or said[-1:]
            raise RuntimeError(f"ended with exit code {self.process.returncode}" + (f": {reason[0][:300]}" if reason else ""))
        return answer[0].strip()

    def wait(self, seconds):
        """Until it is ready."""
        self._try(lambda: self._line(seconds))

    def step(self, steps, seconds, counts):
        def ask():
            self.process.stdin.write(f"{steps}\n")
            self.process.stdin.flush()
            milliseconds, self.peak = map(float, self._line(seconds).split())
            if counts:
                self.times.append(milliseconds)
            return milliseconds

        return self._try(ask)

    def _try(self, action):
        try:
            return action()
        except (RuntimeError, OSError, ValueError) as e:
            self.failure = str(e)
            self.close()

    def close(self):
        if self.process.poll() is None:
            end(self.process)
        self.errors.close()
