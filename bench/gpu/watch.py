"""What the card does while something runs: the share of the time that it is busy, and the memory in use, by nvidia-smi, which comes
with the driver."""
import os
import subprocess
import threading
import time


def query(fields, device_index=None):
    """One row a card; [] without a driver."""
    command = ["nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader,nounits"]
    if device_index is not None:
        command += ["-i", str(device_index)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [[cell.strip() for cell in line.split(",")] for line in done.stdout.splitlines()] if done.returncode == 0 else []


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return None


class Watch:
    """Five readings a second of one card, each with its time. On a machine without a card there are none."""

    def __init__(self, device):
        self.readings, self.process = [], None
        if device.startswith("cuda"):
            index = device.partition(":")[2] or os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0] or "0"
            try:
                self.process = subprocess.Popen(
                    [
                        "nvidia-smi",
                        "--query-gpu=utilization.gpu,memory.used",
                        "--format=csv,noheader,nounits",
                        "-lms",
                        "200",
                        "-i",
                        index,
                    ],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            except OSError:
                return
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            busy, memory = (number(cell) for cell in (line.split(",") + [""])[:2])
            self.readings.append((time.monotonic(), busy, memory))

    def between(self, first, last):
        """(mean share of the time that a kernel ran, the most memory in use in MiB); None for what is not known."""
        inside = [r for r in self.readings if first <= r[0] <= last]
        busy, memory = [b for _, b, _ in inside if b is not None], [m for _, _, m in inside if m is not None]
        return (sum(busy) / len(busy) / 100 if busy else None, max(memory) if memory else None)

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()


class Rows(threading.Thread):
    """When each row of a growing CSV file was there: a step a row, which mtlc hands to the system before the next."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.times, self.stopped = path, [], threading.Event()
        self.start()

    def run(self):
        while not self.stopped.wait(0.02):
            try:
                with open(self.path, "rb") as file:
                    rows = file.read().count(b"\n") - 1
            except OSError:
                continue
            while len(self.times) < rows:
                self.times.append(time.monotonic())

    def stop(self):
        self.stopped.set()
        self.join()

    def steady(self):
        """(time of the first step that counts, of the last, seconds a step): the first fifth, in which libraries choose and memory
        grows, does not. None with too few steps."""
        first = max(1, len(self.times) // 5)
        if len(self.times) - first < 1:
            return None
        begin, finish = self.times[first - 1], self.times[-1]
        return begin, finish, (finish - begin) / (len(self.times) - first)
