"""Functions with which the overlay changes moto, one method at a time."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

Method = Callable[..., Any]


def override(owner: type | ModuleType, name: str | None = None) -> Callable[[Method], Method]:
    """Replaces the method or function `name` of `owner`. The default of `name` is the decorated
    function's name.

    The function gets moto's original method as its first argument, and then the arguments of that
    method.

    Raises AttributeError when moto does not have the method (any more).
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
    """Adds an action that moto lacks to `owner`: the decorated function, under its own name."""

    def decorate(function: Method) -> Method:
        setattr(owner, function.__name__, function)
        return function

    return decorate
