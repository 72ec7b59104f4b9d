"""The tags that a request adds or removes, as condition keys."""

from collections.abc import Iterable, Mapping
from typing import Any

from .policy import Context


def request_tags(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The tags of the resource that is created or tagged, in any of AWS's formats."""
    specifications = parameters.get("TagSpecifications") or []
    given = [parameters, *specifications]
    return dict(
        pair for part in given for name in ("Tags", "tags") for pair in pairs(part.get(name))
    )


def removed_tags(parameters: Mapping[str, Any]) -> list[str]:
    """The keys of the removed tags."""
    return parameters.get("TagKeys") or parameters.get("tagKeys") or []


def request_context(tags: Mapping[str, str], removed: Iterable[str]) -> Context:
    keys = [*tags, *removed]
    values = {f"aws:requesttag/{key}".lower(): value for key, value in tags.items()}
    return {**values, "aws:tagkeys": keys} if keys else {}


def pairs(tags: Any) -> Iterable[tuple[str, str]]:
    """The pairs of `{"a": "b"}`, `[{"Key": "a", "Value": "b"}]`, KMS's TagKey and TagValue, or
    None.
    """
    if isinstance(tags, Mapping):
        return tags.items()
    return [_pair({name.lower(): text for name, text in tag.items()}) for tag in tags or []]


def _pair(tag: Mapping[str, str]) -> tuple[str, str]:
    key = tag.get("key") or tag.get("tagkey") or ""
    return key, tag.get("value") or tag.get("tagvalue") or ""
