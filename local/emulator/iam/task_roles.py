"""ECS assumes the roles of tasks, as the service principal `ecs-tasks.amazonaws.com`.

On AWS, ECS does so itself, and no API shows it. Here the task runner asks for it:
`POST /_emulator/iam/task-roles` with

    {"roleArn": "arn:aws:iam::…:role/task", "taskArn": "arn:aws:ecs:…:task/main/…", "subnetId": "subnet-…"}

The answer holds the `credentials` of a session of the role. It holds none when the role does not exist
or its trust policy does not let ECS assume it for this task. The calls of the session come from the VPC
of the subnet.
"""

from moto.sts.models import AssumedRole, sts_backends

from ..control import Report, receives
from .arn import parse_arn
from .source_vpc import remember_subnet
from .trust import trusts_service

SERVICE = "ecs-tasks.amazonaws.com"
DURATION_SECONDS = 3600


@receives("/_emulator/iam/task-roles")
def assume_task_role(report: Report) -> Report:
    role_arn, task_arn = report["roleArn"], report["taskArn"]
    task = parse_arn(task_arn)
    if task is None:
        raise ValueError(f"taskArn is {task_arn!r}, expected arn:aws:ecs:<region>:<account>:task/<cluster>/<id>")
    context = {"aws:sourceaccount": task.account_id, "aws:sourcearn": task_arn}
    if not trusts_service(role_arn, SERVICE, context):
        return {}
    session: AssumedRole = sts_backends[task.account_id]["aws"].assume_role(
        region_name=task.region,
        role_session_name=task_arn.rpartition("/")[2],
        role_arn=role_arn,
        policy=None,
        duration=DURATION_SECONDS,
        external_id=None,
    )
    remember_subnet(session.access_key_id, report["subnetId"])
    return {
        "credentials": {
            "accessKeyId": session.access_key_id,
            "secretAccessKey": session.secret_access_key,
            "sessionToken": session.session_token,
            "expiration": f"{session.expiration.isoformat()}Z",
        }
    }
