"""Work on many files in several processes: bounded, in order, and crashes contained."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
_State = TypeVar("_State")

_state: Any = None


def available() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_ordered(
    work: Callable[[_State, _Task], _Result],
    tasks: Sequence[_Task],
    make_state: Callable[[], _State],
    jobs: int,
    on_crash: Callable[[_Task], _Result],
) -> Iterator[_Result]:
    """`work(state, task)` for each task, in order, with one state in each process.

    `work`, `make_state` and the tasks are sent to worker processes and must be picklable. With
    one job, or one task, everything happens in this process. A task whose process dies is tried
    once more in a process of its own, and if that dies too, `on_crash(task)` stands in for it.
    """
    if jobs <= 1 or len(tasks) <= 1:
        state = make_state()
        yield from (work(state, task) for task in tasks)
        return
    done = 0
    try:
        for result in _in_pool(work, tasks, make_state, jobs):
            yield result
            done += 1
    except BrokenProcessPool:
        for task in tasks[done:]:
            yield _alone(work, task, make_state, on_crash)


def _in_pool(
    work: Callable[[_State, _Task], _Result],
    tasks: Sequence[_Task],
    make_state: Callable[[], _State],
    jobs: int,
) -> Iterator[_Result]:
    executor = ProcessPoolExecutor(
        min(jobs, len(tasks)), initializer=_initialise, initargs=(make_state,)
    )
    window: deque[Future[_Result]] = deque()
    try:
        for task in tasks:
            window.append(executor.submit(_call, work, task))
            if len(window) > 4 * jobs:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _alone(
    work: Callable[[_State, _Task], _Result],
    task: _Task,
    make_state: Callable[[], _State],
    on_crash: Callable[[_Task], _Result],
) -> _Result:
    try:
        (result,) = _in_pool(work, [task], make_state, 1)
    except BrokenProcessPool:
        return on_crash(task)
    return result


def _initialise(make_state: Callable[[], Any]) -> None:
    """Set a worker process up. An interrupt is for the parent, which ends its workers."""
    global _state
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Syntax nodes come and go by the million and form no cycles; looking for some is a tenth of
    # the time.
    gc.set_threshold(200_000, 50, 50)
    _state = make_state()


def _call(work: Callable[[Any, _Task], _Result], task: _Task) -> _Result:
    return work(_state, task)
