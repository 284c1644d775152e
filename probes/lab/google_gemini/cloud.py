"""Projects (Resource Manager v3), service accounts (IAM v1) and which services a project may use (Service Usage v1)."""

import re
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .rpc import Refused, body_of, check_token, page
from .world import Project, World, etag, stamp

PROJECTS, ACCOUNTS, USAGE = "cloudresourcemanager.googleapis.com", "iam.googleapis.com", "serviceusage.googleapis.com"
PROJECT_ID = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")


def shown(project: Project) -> dict[str, Any]:
    """A project as Resource Manager describes it."""
    return {
        "name": project.name,
        "parent": project.parent,
        "projectId": project.project_id,
        "state": project.state,
        "displayName": project.project_id,
        "createTime": stamp(),
        "etag": etag(),
    }


class Cloud:
    """The hosts of the three APIs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def project_routes(self) -> list[Route]:
        return [
            Route("/v3/projects", self.create_project, methods=["POST"]),
            Route("/v3/projects/{project}", self.read_project),
            Route("/v3/projects/{project}", self.delete_project, methods=["DELETE"]),
            Route("/v3/operations/{operation}", self.operation_of(PROJECTS)),
        ]

    def account_routes(self) -> list[Route]:
        path = "/v1/projects/{project}/serviceAccounts"
        return [
            Route(path, self.list_accounts),
            Route(path, self.create_account, methods=["POST"]),
            Route(f"{path}/{{account}}", self.read_account),
            Route(f"{path}/{{account}}", self.delete_account, methods=["DELETE"]),
        ]

    def service_routes(self) -> list[Route]:
        return [
            Route("/v1/projects/{project}/services", self.list_services),
            Route("/v1/projects/{project}/services:batchEnable", self.enable, methods=["POST"]),
            Route("/v1/operations/{operation}", self.operation_of(USAGE)),
            Route("/v1beta1/operations/{operation}", self.operation_of(USAGE)),
        ]

    def operation_of(self, service: str) -> Any:
        async def operation(request: Request) -> Response:
            check_token(request, self._world.token, service)
            return JSONResponse(self._world.finished(f"operations/{request.path_params['operation']}"))

        return operation

    async def create_project(self, request: Request) -> Response:
        check_token(request, self._world.token, PROJECTS)
        body = await body_of(request, {"projectId": str, "displayName": str, "parent": str, "labels": "map"}, "project")
        project_id, parent = body.get("projectId", ""), body.get("parent", "")
        if not PROJECT_ID.fullmatch(project_id) or len(body.get("displayName", "long enough")) not in range(4, 31):
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        if project_id in self._world.projects:
            raise Refused("ALREADY_EXISTS", "Requested entity already exists")
        if parent != self._world.parent:
            raise Refused("PERMISSION_DENIED", "The caller does not have permission")

        def made() -> dict[str, Any]:
            return {
                "@type": "type.googleapis.com/google.cloud.resourcemanager.v3.Project",
                **shown(self._world.add_project(project_id, parent)),
            }

        return JSONResponse(self._world.operation("projects", made))

    async def read_project(self, request: Request) -> Response:
        check_token(request, self._world.token, PROJECTS)
        return JSONResponse(shown(self._world.project(request.path_params["project"], PROJECTS)))

    async def delete_project(self, request: Request) -> Response:
        check_token(request, self._world.token, PROJECTS)
        project = self._world.project(request.path_params["project"], PROJECTS)
        project.state = "DELETE_REQUESTED"
        return JSONResponse(self._world.operation("projects", None, **shown(project)))

    async def list_accounts(self, request: Request) -> Response:
        project = self._of(request, ACCOUNTS)
        return page(request, list(project.accounts.values()), "accounts", default=20, most=100)

    async def create_account(self, request: Request) -> Response:
        project = self._of(request, ACCOUNTS)
        schema = {"accountId": str, "serviceAccount": {"displayName": str, "description": str}}
        body = await body_of(request, schema, "request")
        if not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])", body.get("accountId", "")) or len(body["accountId"]) not in range(6, 31):
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        email = f"{body['accountId']}@{project.project_id}.iam.gserviceaccount.com"
        if email in {each["email"] for each in project.accounts.values()}:
            raise Refused(
                "ALREADY_EXISTS", f"Service account {body['accountId']} already exists within project projects/{project.project_id}."
            )
        unique = str(secrets.randbelow(9 * 10**20) + 10**20)
        project.accounts[unique] = {
            "name": f"projects/{project.project_id}/serviceAccounts/{email}",
            "projectId": project.project_id,
            "uniqueId": unique,
            "email": email,
            **body.get("serviceAccount", {}),
            "oauth2ClientId": unique,
        }
        return JSONResponse(project.accounts[unique])

    async def read_account(self, request: Request) -> Response:
        return JSONResponse(self._account(request))

    async def delete_account(self, request: Request) -> Response:
        account = self._account(request)
        self._of(request, ACCOUNTS).accounts.pop(account["uniqueId"])
        return JSONResponse({})

    async def list_services(self, request: Request) -> Response:
        project = self._of(request, USAGE)
        named = [
            {"name": f"{project.name}/services/{each}", "parent": project.name, "state": "ENABLED"} for each in sorted(project.services)
        ]
        return page(request, named, "services", default=50, most=200)

    async def enable(self, request: Request) -> Response:
        project = self._of(request, USAGE)
        body = await body_of(request, {"serviceIds": [str]}, "request")
        if not body.get("serviceIds"):
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")

        def enabled() -> dict[str, Any]:
            project.services |= set(body["serviceIds"])
            services = [{"name": f"{project.name}/services/{each}", "state": "ENABLED"} for each in body["serviceIds"]]
            return {"@type": "type.googleapis.com/google.api.serviceusage.v1.BatchEnableServicesResponse", "services": services}

        return JSONResponse(self._world.operation("service_usage", enabled))

    def _of(self, request: Request, service: str) -> Project:
        check_token(request, self._world.token, service)
        return self._world.project(request.path_params["project"], service)

    def _account(self, request: Request) -> dict[str, Any]:
        project, given = self._of(request, ACCOUNTS), request.path_params["account"]
        for account in project.accounts.values():
            if given in (account["email"], account["uniqueId"]):
                return account
        raise Refused("NOT_FOUND", f"Unknown service account: projects/{project.project_id}/serviceAccounts/{given}")
