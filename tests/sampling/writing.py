"""An engine without a model: texts are a pure function of prompt, params and key."""

import random
from collections.abc import Iterator

from reasoning_lab.sampling.engine import Source
from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key, Request, Sampled
from reasoning_lab.text.example import Completion

FIELDS = {
    "temperature": 1.0,
    "top_p": 1.0,
    "top_k": 0,
    "max_completion_length": 16,
    "seed": 0,
    "stop": (),
    "max_think_tokens": None,
}


def params(**changes: object) -> Params:
    return Params(**(FIELDS | changes))


def request(problem: str, sample: int = 0, question: str | None = None) -> Request:
    content = f"What is {problem}?" if question is None else question
    return Request(Key(problem, sample), ({"role": "user", "content": content},))


class Pure:
    """Writes as many at once as it has `slots`, and gives them in an order drawn from `order`."""

    name = "pure"
    invariant = True

    def __init__(self, slots: int = 4, order: int = 0, identity: str = "a") -> None:
        self.slots, self.identity = slots, identity
        self.draw = random.Random(order)
        self.written: list[Key] = []

    def text(self, one: Request, settings: Params) -> str:
        say = random.Random(f"{settings.seed}/{one.prompt[-1]['content']}/{one.key.sample}")
        return "é" * say.randrange(3) + str(say.random())

    def stream(self, source: Source, settings: Params) -> Iterator[Sampled]:
        busy: list[Request] = []
        while True:
            busy += source.take(self.slots - len(busy))
            if not busy:
                return
            one = busy.pop(self.draw.randrange(len(busy)))
            self.written.append(one.key)
            text = self.text(one, settings)
            yield Sampled(one.key, Completion(text, len(text)), prompt_tokens=3)
