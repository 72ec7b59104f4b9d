"""The tags of a resource, for conditions on them."""

from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.servicediscovery.models import servicediscovery_backends

from ..autoscaling import tags_of_target
from .arn import parse_arn
from .policy import Context
from .tags import pairs


def resource_context(arn: str | None) -> Context:
    """The tags as `aws:ResourceTag/…` and, for some services, also as `ec2:ResourceTag/…` and the
    like.

    The result is empty for resources that do not exist, and for services that are not listed here.
    """
    parsed = parse_arn(arn)
    if parsed is None or arn is None or parsed.service not in _SERVICES:
        return {}
    backends, find = _SERVICES[parsed.service]
    backend = backends[parsed.account_id][parsed.region or "aws"]
    return {
        f"{prefix}:resourcetag/{key}".lower(): value
        for prefix in ("aws", parsed.service)
        for key, value in pairs(find(backend, arn, parsed.resource))
    }


def _elastic_load_balancing(backend: Any, arn: str, _: str) -> Any:
    return backend.tagging_service.get_tag_dict_for_resource(arn)


def _tagged(backend: Any, arn: str, _: str) -> Any:
    return backend.tagger.get_tag_dict_for_resource(arn)


def _ec2(backend: Any, _: str, resource: str) -> Any:
    # A subscript would add an entry.
    return backend.tags.get(resource.partition("/")[2])


def _kms(backend: Any, _: str, resource: str) -> Any:
    return backend.tagger.get_tag_dict_for_resource(resource.partition("/")[2])


def _logs(backend: Any, _: str, resource: str) -> Any:
    group = backend.groups.get(resource.split(":")[1]) if ":" in resource else None
    return backend.tagger.get_tag_dict_for_resource(group.arn) if group else None


def _dynamodb(backend: Any, _: str, resource: str) -> Any:
    table = backend.tables.get(resource.split("/")[1]) if "/" in resource else None
    return table.tags if table else None


def _ecs(backend: Any, arn: str, _: str) -> Any:
    revisions = [one for family in backend.task_definitions.values() for one in family.values()]
    every = [*backend.clusters.values(), *backend.services.values(), *revisions]
    return next((one.tags for one in every if one.arn == arn), None)


def _iam(backend: Any, arn: str, _: str) -> Any:
    roles = (role.tags for role in list(backend.roles.values()) if role.arn == arn)
    policy = backend.managed_policies.get(arn)
    return next(roles, policy.tag_list_type if policy else None)


def _autoscaling(_: Any, arn: str, __: str) -> Any:
    return tags_of_target(arn)


_SERVICES: dict[str, tuple[Any, Callable[[Any, str, str], Any]]] = {
    "application-autoscaling": (applicationautoscaling_backends, _autoscaling),
    "dynamodb": (dynamodb_backends, _dynamodb),
    "ec2": (ec2_backends, _ec2),
    "ecr": (ecr_backends, _tagged),
    "ecs": (ecs_backends, _ecs),
    "elasticloadbalancing": (elbv2_backends, _elastic_load_balancing),
    "iam": (iam_backends, _iam),
    "kms": (kms_backends, _kms),
    "logs": (logs_backends, _logs),
    "servicediscovery": (servicediscovery_backends, _tagged),
}
