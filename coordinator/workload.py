"""How much every device has before it, over all goals; and which sentences devices said they cannot do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from coordinator.allocator import Assignment
from coordinator.fleet import sentence_key

_REMEMBERED_DEVICES = 20_000
_REMEMBERED_SENTENCES = 32


class Workload:
    """What waits for devices. Goals show their queues while they work through them; nothing is counted twice or kept in step."""

    def __init__(self) -> None:
        self._queues: dict[int, tuple[int, Mapping[str, Collection[Assignment]]]] = {}

    @contextmanager
    def shown(self, priority: int, queues: Mapping[str, Collection[Assignment]]) -> Iterator[None]:
        """Count what is in these queues, by device, as long as the block runs; they may change meanwhile."""
        self._queues[id(queues)] = (priority, queues)
        try:
            yield
        finally:
            del self._queues[id(queues)]

    def before(self, device_id: str, priority: int) -> int:
        """Return how many subtasks a device gets to before a new one of this priority."""
        waiting = (queues.get(device_id, ()) for other, queues in self._queues.values() if other >= priority)
        return sum(len(queue) for queue in waiting)

    def waiting(self, device_id: str | None = None) -> list[Assignment]:
        """Return what waits for one device, or for all, over all goals."""
        return [
            one
            for _, queues in self._queues.values()
            for name, queue in queues.items()
            if device_id in {None, name}
            for one in queue
        ]


class Declined:
    """Sentences that devices said they cannot do, as far as remembered: a bounded number, forgotten at a restart."""

    def __init__(self) -> None:
        self._sentences: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def note(self, device_id: str, sentence: str) -> None:
        """Remember that a device cannot do this and what is like it."""
        known = self._sentences.setdefault(device_id, OrderedDict())
        self._sentences.move_to_end(device_id)
        known[sentence_key(sentence)] = None
        known.move_to_end(sentence_key(sentence))
        if len(known) > _REMEMBERED_SENTENCES:
            known.popitem(last=False)
        if len(self._sentences) > _REMEMBERED_DEVICES:
            self._sentences.popitem(last=False)

    def forget(self, device_id: str, sentence: str | None = None) -> None:
        """Forget one sentence, because the device could do it after all; or all, because it was started anew."""
        if sentence is None:
            self._sentences.pop(device_id, None)
        elif device_id in self._sentences:
            self._sentences[device_id].pop(sentence_key(sentence), None)

    def of(self, device_id: str) -> frozenset[str]:
        """Return what a device cannot do, as `sentence_key` writes it."""
        return frozenset(self._sentences.get(device_id, ()))
