"""Work on many files in several processes: bounded, in order, and crashes contained."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Any, TypeVar

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


def run_ordered(
    work: Callable[[_State, Sequence[_Item]], _Result],
    chunks: Sequence[Sequence[_Item]],
    make_state: Callable[[], _State],
    jobs: int,
    on_crash: Callable[[_Item], _Result],
    *,
    apart: bool = False,
) -> Iterator[_Result]:
    """`work(state, chunk)` for each chunk of items, in order, with one state in each process.

    `work`, `make_state` and the chunks are sent to worker processes and must be picklable. With
    one job, or one chunk, everything happens in this process, unless it has to be `apart`, as what
    may end its process has. A chunk whose process dies is tried
    again in a process of its own, and in halves if that dies too; `on_crash(item)` stands in for
    an item that ends its process alone.
    """
    if not apart and (jobs <= 1 or len(chunks) <= 1):
        state = make_state()
        yield from (work(state, chunk) for chunk in chunks)
        return
    done = 0
    while done < len(chunks):
        try:
            for result in _in_pool(work, chunks[done:], make_state, jobs):
                yield result
                done += 1
        except BrokenProcessPool:
            # One of those that were under way is at fault, and nothing says which.
            for chunk in chunks[done : done + _window(jobs)]:
                yield from _alone(work, chunk, make_state, on_crash)
            done += _window(jobs)


def _window(jobs: int) -> int:
    """How many chunks are handed out before the first result is taken."""
    return 4 * jobs


def _in_pool(
    work: Callable[[_State, Sequence[_Item]], _Result],
    chunks: Sequence[Sequence[_Item]],
    make_state: Callable[[], _State],
    jobs: int,
) -> Iterator[_Result]:
    others = set(multiprocessing.active_children())
    with _safe_path():
        yield from _pooled(work, chunks, make_state, jobs, others)


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


def _pooled(
    work: Callable[[_State, Sequence[_Item]], _Result],
    chunks: Sequence[Sequence[_Item]],
    make_state: Callable[[], _State],
    jobs: int,
    others: Set[BaseProcess],
) -> Iterator[_Result]:
    """The results; `others` are processes of this one that are not the pool's."""
    executor = ProcessPoolExecutor(
        min(jobs, len(chunks), _MOST), initializer=_initialise, initargs=(make_state,)
    )
    window: deque[Future[_Result]] = deque()
    try:
        for chunk in chunks:
            if len(window) == _window(jobs):
                yield window.popleft().result()
            window.append(executor.submit(_call, work, chunk))
        while window:
            yield window.popleft().result()
    except BaseException:
        # What is under way may take long, and nobody waits for its results any more.
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _alone(
    work: Callable[[_State, Sequence[_Item]], _Result],
    chunk: Sequence[_Item],
    make_state: Callable[[], _State],
    on_crash: Callable[[_Item], _Result],
) -> Iterator[_Result]:
    try:
        (result,) = _in_pool(work, [chunk], make_state, 1)
    except BrokenProcessPool:
        if len(chunk) == 1:
            yield on_crash(chunk[0])
            return
        middle = len(chunk) // 2
        for half in (chunk[:middle], chunk[middle:]):
            yield from _alone(work, half, make_state, on_crash)
    else:
        yield result


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
