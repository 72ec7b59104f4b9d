"""A request to a service, with the names that the service's API uses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request as http
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

from .caller import Caller
from .policy import Access, Context
from .resource_tags import resource_context
from .tags import removed_tags, request_context, request_tags

# The services whose signing name differs from the prefix of their actions.
PREFIXES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Call:
    caller: Caller
    # The prefix of the action, such as `ec2`.
    service: str
    # The name of the call, such as `CreateCluster`.
    name: str
    # The parameters as in the API's documentation: `{"clusterName": "main", "tags": [{"key": "a",
    # "value": "b"}]}`.
    parameters: Mapping[str, Any]

    @cached_property
    def tags(self) -> dict[str, str]:
        return request_tags(self.parameters)

    def arn(self, resource: str, service: str | None = None) -> str:
        """The ARN of a resource in the caller's account and region. IAM's ARNs have no region."""
        service = service or self.service
        region = "" if service == "iam" else self.caller.region
        return f"arn:aws:{service}:{region}:{self.caller.account_id}:{resource}"

    def named(self, kind: str, name: str, service: str | None = None) -> str:
        """The ARN of a resource that is given by its name or by its ARN."""
        return name if name.startswith("arn:") else self.arn(f"{kind}/{name}", service)

    def access(
        self,
        resource: str | None,
        context: Context | None = None,
        *,
        action: str | None = None,
        tagged: bool = True,
    ) -> Access:
        """The access that the call needs: `action`, by default its own, on a resource.

        `tagged`: whether the tags in the call apply to this resource and action.
        """
        given = request_context(self.tags, removed_tags(self.parameters)) if tagged else {}
        return self.caller.access(
            action or f"{self.service}:{self.name}",
            resource,
            {**resource_context(resource), **given, **(context or {})},
        )

    def tagging(self, action: str, resource: str, context: Context | None = None) -> list[Access]:
        """The additional accesses that the call needs to tag a resource on creation."""
        return [self.access(resource, context, action=action)] if self.tags else []

    def passing(self, role: str | None, to_service: str) -> list[Access]:
        """The additional accesses that the call needs to pass a role, given by name or ARN, to a
        service.
        """
        if not role:
            return []
        arn = self.named("role", role, "iam")
        context = {"iam:passedtoservice": to_service}
        return [self.access(arn, context, action="iam:PassRole", tagged=False)]


def call_of(request: BaseResponse, caller: Caller) -> Call:
    service = PREFIXES.get(caller.service, caller.service)
    return Call(caller, service, request._get_action(), _parameters(request))


def _parameters(request: BaseResponse) -> Mapping[str, Any]:
    """The parameters of the call. They are empty for protocols other than JSON, query and EC2's."""
    if "X-Amz-Target" in request.headers:
        # moto's DynamoDB has already parsed the body.
        body = request.body
        parsed: Mapping[str, Any] = body if isinstance(body, dict) else json.loads(body or "{}")
        return parsed
    if "Action" not in request.querystring:
        return {}
    model = get_service_model(request.boto3_service_name)
    operation = model.operation_model(request._get_action())
    parser = PROTOCOL_PARSERS["ec2" if model.protocol == "ec2" else "query"](operation)
    return parser.parse({"values": http.values})
