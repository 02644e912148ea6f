"""Work on many files in several processes: bounded, in order, and crashes contained."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from threading import Thread
from typing import Any, Generic, Self, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_State = TypeVar("_State")

# On Windows, a process cannot wait for more than about sixty others.
_MOST = 60 if sys.platform == "win32" else 1024

_state: Any = None


def available() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Pool(Generic[_State]):
    """Processes that work on many items; each keeps one state, from round to round.

    `make_state`, the work and its chunks are sent to the processes and must be picklable. With one
    job everything happens in this process, unless it has to be `apart`, as what may end its process
    has. Leave the pool as a context, so that its processes end.
    """

    def __init__(self, make_state: Callable[[], _State], jobs: int, *, apart: bool = False) -> None:
        """Start nothing yet."""
        self._make_state = make_state
        self._jobs = max(1, min(jobs, _MOST))
        self._is_here = self._jobs == 1 and not apart
        self._states: list[_State] = []
        self._executor: ProcessPoolExecutor | None = None
        self._others = set(multiprocessing.active_children())

    def __enter__(self) -> Self:
        """Be used."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """End the processes; what is under way, at once, if nobody waits for it any more."""
        if kind is not None and self._executor is not None:
            for process in set(multiprocessing.active_children()) - self._others:
                process.terminate()
        self._end()

    def run(
        self,
        work: Callable[[_State, Sequence[_Item]], _Result],
        chunks: Sequence[Sequence[_Item]],
        on_crash: Callable[[_Item], _Result],
    ) -> Iterator[_Result]:
        """`work(state, chunk)` for each chunk of items, in order.

        A chunk whose process dies is tried again in a process of its own, and in halves if that
        dies too; `on_crash(item)` stands in for an item that ends its process alone.
        """
        if self._is_here:
            self._states = self._states or [self._make_state()]
            yield from (work(self._states[0], chunk) for chunk in chunks)
            return
        done = 0
        while done < len(chunks):
            try:
                for result in self._pooled(work, chunks[done:]):
                    yield result
                    done += 1
            except BrokenProcessPool:
                self._end()
                # One of those that were under way is at fault, and nothing says which.
                for chunk in chunks[done : done + self._window]:
                    yield from self._alone(work, chunk, on_crash)
                done += self._window

    @property
    def _window(self) -> int:
        """How many chunks are handed out before the first result is taken."""
        return 4 * self._jobs

    def _pooled(
        self,
        work: Callable[[_State, Sequence[_Item]], _Result],
        chunks: Sequence[Sequence[_Item]],
    ) -> Iterator[_Result]:
        if self._executor is None:
            with _safe_path():  # its locks may start a process that looks after them
                self._executor = ProcessPoolExecutor(
                    self._jobs, initializer=_initialise, initargs=(self._make_state,)
                )
        window: deque[Future[_Result]] = deque()
        for chunk in chunks:
            if len(window) == self._window:
                yield window.popleft().result()
            with _safe_path():
                window.append(self._executor.submit(_call, work, chunk))
        while window:
            yield window.popleft().result()

    def _alone(
        self,
        work: Callable[[_State, Sequence[_Item]], _Result],
        chunk: Sequence[_Item],
        on_crash: Callable[[_Item], _Result],
    ) -> Iterator[_Result]:
        try:
            with Pool(self._make_state, 1, apart=True) as pool:
                (result,) = pool._pooled(work, [chunk])
        except BrokenProcessPool:
            if len(chunk) == 1:
                yield on_crash(chunk[0])
                return
            middle = len(chunk) // 2
            for half in (chunk[:middle], chunk[middle:]):
                yield from self._alone(work, half, on_crash)
        else:
            yield result

    def _end(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
            self._executor = None


@contextmanager
def _safe_path() -> Iterator[None]:
    """Have processes that are started afresh not look for modules in the current folder.

    Before it has its parent's search path, such a process would import half the standard library
    from there, where the repository that is analysed may have modules of the same names.
    """
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    changes = {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(filter(None, entries))}
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _initialise(make_state: Callable[[], Any]) -> None:
    """Set a worker process up. An interrupt is for the parent, which ends its workers."""
    global _state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    # Syntax nodes come and go by the million and form no cycles; looking for some is a tenth of
    # the time.
    gc.set_threshold(200_000, 50, 50)
    _state = make_state()


def _end_with_parent() -> None:
    """End this process when its parent does, even if that was killed and could not say so."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _call(work: Callable[[Any, Sequence[_Item]], _Result], chunk: Sequence[_Item]) -> _Result:
    return work(_state, chunk)
