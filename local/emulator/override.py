"""How the overlay changes moto: one method at a time, the original at hand."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

Method = Callable[..., Any]


def override(owner: type | ModuleType, name: str | None = None) -> Callable[[Method], Method]:
    """Replaces the method, or function, of `owner` that is called `name`: by default, as the decorated
    function is called.

    The function gets moto's own method first, then what that method gets.

    Raises AttributeError when moto has no such method (any more).
    """

    def decorate(function: Method) -> Method:
        replaced = name or function.__name__
        original = getattr(owner, replaced)

        @functools.wraps(original)
        def method(*args: Any, **kwargs: Any) -> Any:
            return function(original, *args, **kwargs)

        setattr(owner, replaced, method)
        return function

    return decorate


def add_action(owner: type) -> Callable[[Method], Method]:
    """Gives `owner` an action that moto lacks: the decorated function, under its name."""

    def decorate(function: Method) -> Method:
        setattr(owner, function.__name__, function)
        return function

    return decorate
