"""
A process that uses a store as it is told: a JSON command a line on stdin, its answer a line on stdout.
"""

import json
import sys

from canarypolicy.errors import Unavailable
from canarypolicy.store.database import open_store

from store.runs import append, head_of, new_run, notes, now
from store.runs import holder_of_this_process as me


class Worker:
    def __init__(self, url):
        self.store = open_store(url)
        self.lease = None

    def begin(self, run, service, lease_us):
        self.lease = self.store.begin(new_run(run, service), me(), lease_us, now())
        return self.lease.fence

    def take_over(self, run, lease_us):
        self.lease = self.store.take_over(run, me(), lease_us, now())
        return self.lease.fence

    def append(self, *texts):
        entries = self.store.entries(self.lease.run)
        head = head_of(entries) if entries else (0, "0" * 64)
        self.lease = append(self.store, self.lease, notes(self.lease.run, *texts, head=head))

    def append_for_ever(self, batch):
        """
        Append so many entries at a time until this process is killed, telling each head that is written.
        """
        head = (0, "0" * 64)
        while True:
            entries = notes(self.lease.run, *(f"{head[0]} {number}" for number in range(batch)), head=head)
            self.lease = append(self.store, self.lease, entries)
            head = head_of(entries)
            print(head[0], flush=True)


def main() -> None:
    worker = Worker(sys.argv[1])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = getattr(worker, name)(*arguments)
        except Unavailable as error:
            answer = type(error).__name__
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
