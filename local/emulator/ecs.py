"""Gaps in ECS services.

1. CreateService drops many of its parameters, so that Terraform plans them again each time.
2. Deployments stay as they were created. Here they progress as on AWS: a new one is PRIMARY and
   IN_PROGRESS, and the one before it ACTIVE, until the task runner reports the result with
   `POST /_emulator/ecs/deployments`:

    {"cluster": "main", "service": "api",
     "deployments": [{"id": "ecs-svc/…", "runningCount": 1, "pendingCount": 0, "failedTasks": 0,
                      "rolloutState": "COMPLETED", "rolloutStateReason": "…"}],
     "events": ["(service api) has reached a steady state."]}

3. A deleted service is INACTIVE at once. Here it is DRAINING until the task runner reports that its tasks
   have stopped. ListServices lists neither, which moto does.
"""

import random
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.models import EC2ContainerServiceBackend, Service, ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse

from .changes import count_change
from .control import Report, here, receives
from .override import override

KEPT_EVENTS = 100

# The parameters of CreateService that Terraform reads back and moto drops, with AWS's defaults.
KEPT: dict[str, Any] = {
    "availabilityZoneRebalancing": "DISABLED",
    "capacityProviderStrategy": [],
    "deploymentConfiguration": {
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
    },
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": None,
    "platformVersion": "LATEST",
    "propagateTags": "NONE",
}

# The settings of a deployment. A change of any of them makes a new deployment.
REVISION = (
    "task_definition",
    "launch_type",
    "capacity_provider_strategy",
    "platform_version",
    "network_configuration",
)

_changing = threading.RLock()


@dataclass
class Deployment:
    """One deployment of a service, as DescribeServices returns it."""

    revision: dict[str, Any]
    desired_count: int
    rolls_back: bool = False
    status: str = "PRIMARY"
    running_count: int = 0
    pending_count: int = 0
    failed_tasks: int = 0
    rollout_state: str = "IN_PROGRESS"
    rollout_state_reason: str = ""
    platform_family: str = "Linux"
    id: str = field(default_factory=lambda: f"ecs-svc/{random.randrange(10**18, 10**19)}")
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)

    def __post_init__(self) -> None:
        self.__dict__.update(self.revision)
        self.rollout_state_reason = f"ECS deployment {self.id} in progress."

    def report(self, report: Report) -> None:
        self.running_count = report["runningCount"]
        self.pending_count = report["pendingCount"]
        self.failed_tasks = report["failedTasks"]
        self.updated_at = utcnow()
        # A failed deployment keeps its state and its reason.
        if self.rollout_state != "FAILED":
            self.rollout_state = report["rolloutState"]
            self.rollout_state_reason = report["rolloutStateReason"]


@override(EC2ContainerServiceResponse)
def create_service(original: Any, self: Any) -> ActionResult:
    with _changing:
        service: Service = original(self).result["service"]
        for member, default in KEPT.items():
            setattr(service, xform_name(member), self._get_param(member, default))
        if service.capacity_provider_strategy:
            service.launch_type = None
        service.role_arn = service.role_arn or (
            f"arn:aws:iam::{self.current_account}:role"
            "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        )
        service.last_completed = None
        service.deployments = []
        _deploy(service)
        _count(self.ecs_backend, service)
        return ActionResult({"service": service})


@override(EC2ContainerServiceResponse)
def update_service(original: Any, self: Any) -> ActionResult:
    with _changing:
        # moto must not get this parameter, because it would only give the deployment another id.
        force = self.params.pop("forceNewDeployment", False)
        service: Service = original(self).result["service"]
        for member in KEPT:
            if self._get_param(member) is not None:
                setattr(service, xform_name(member), self._get_param(member))
        _use_arn_of_task_definition(self.ecs_backend, service)
        if force or _revision(service) != _primary(service).revision:
            _deploy(service)
        _primary(service).desired_count = service.desired_count
        _count(self.ecs_backend, service)
        return ActionResult({"service": service})


@override(EC2ContainerServiceBackend)
def delete_service(original: Any, self: Any, *args: Any) -> Service:
    with _changing:
        service: Service = original(self, *args)
        service.desired_count = 0
        for deployment in service.deployments:
            deployment.desired_count = 0
        service.status = "DRAINING"
        _count(self, service)
        _end_drained(service)
        return service


@override(EC2ContainerServiceBackend)
def list_services(original: Any, self: Any, *args: Any, **kwargs: Any) -> list[str]:
    gone = {service.arn for service in self.services.values() if service.status != "ACTIVE"}
    return [arn for arn in original(self, *args, **kwargs) if arn not in gone]


@receives("/_emulator/ecs/deployments")
def report_deployments(report: Report) -> None:
    backend = here(ecs_backends)
    with _changing:
        service = backend._get_service(report["cluster"], report["service"])
        if service.status == "INACTIVE":
            return
        reports = {told["id"]: told for told in report["deployments"]}
        for deployment in service.deployments:
            if deployment.id in reports:
                deployment.report(reports[deployment.id])
        _tell(service, report["events"])
        _settle(service)
        _count(backend, service)
        _end_drained(service)
    count_change()


def _end_drained(service: Service) -> None:
    if service.status == "DRAINING" and service.running_count + service.pending_count == 0:
        service.status = "INACTIVE"
        service.deployments = []


def _deploy(service: Service, rolls_back: bool = False) -> None:
    for deployment in service.deployments:
        deployment.status = "ACTIVE"
    primary = Deployment(_revision(service), service.desired_count, rolls_back)
    service.deployments.insert(0, primary)


def _settle(service: Service) -> None:
    """Completes the PRIMARY deployment or rolls it back, according to its rollout state."""
    primary = _primary(service)
    if primary.rollout_state == "COMPLETED":
        service.last_completed = primary.revision
        service.deployments = [d for d in service.deployments if d is primary or d.running_count]
    elif primary.rollout_state == "FAILED" and _can_roll_back(service):
        _roll_back(service)


def _can_roll_back(service: Service) -> bool:
    # As on AWS, a rollback that fails is not rolled back again.
    breaker = service.deployment_configuration.get("deploymentCircuitBreaker", {})
    rolls_back = breaker.get("rollback") and not _primary(service).rolls_back
    return bool(rolls_back and service.last_completed)


def _roll_back(service: Service) -> None:
    failed = _primary(service)
    service.__dict__.update(service.last_completed)
    _deploy(service, rolls_back=True)
    failed.desired_count = 0
    target = _primary(service).id
    failed.rollout_state_reason += f" Rolling back to deploymentId {target}."
    _tell(service, [f"(service {service.name}) rolling back to deploymentId {target}."])


def _revision(service: Service) -> dict[str, Any]:
    return {name: getattr(service, name) for name in REVISION}


def _primary(service: Service) -> Deployment:
    return service.deployments[0]


def _use_arn_of_task_definition(backend: Any, service: Service) -> None:
    # moto stores the parameter as it was given, which may be `family:revision`.
    service.task_definition = backend.describe_task_definition(service.task_definition).arn


def _tell(service: Service, messages: list[str]) -> None:
    events = [
        {"id": str(uuid.uuid4()), "createdAt": utcnow(), "message": message}
        for message in messages
    ]
    service.events = [*events, *service.events][:KEPT_EVENTS]


def _count(backend: Any, service: Service) -> None:
    """Sums up the tasks of the service's deployments, and the tasks of the cluster's services."""
    service.running_count = sum(d.running_count for d in service.deployments)
    service.pending_count = sum(d.pending_count for d in service.deployments)
    cluster = backend._get_cluster(service.cluster_name)
    services = [s for s in backend.services.values() if s.cluster_name == cluster.name]
    cluster.running_tasks_count = sum(s.running_count for s in services)
    cluster.pending_tasks_count = sum(s.pending_count for s in services)
