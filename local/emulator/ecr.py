"""Gaps in ECR: moto stores manifests, but nothing that they refer to.

1. There are no layers. Here they are uploaded in parts, checked against their digest, and
   downloaded from a URL of the control endpoint. As with the S3 URLs of AWS, the URL itself grants
   the permission.
2. PutImage accepts any manifest and invents digests. Here a digest is the SHA-256 of the manifest,
   and the layers of an image, or the images of an index, must be in the repository.
3. AWS has two different errors for a tag that is in use and for an image that already exists. Here
   they are returned.
4. There is no action that lists the images that refer to another one (their manifest's `subject`).
5. A scan returns findings that moto invents. Here it finds nothing, or the results that a test
   sets: `POST /_emulator/ecr/scan-results` accepts `{"imageDigest": ..., "results": [...]}`. Each of
   the next calls for the findings of that image gets one result, and all later calls get the last
   one.

Layers that no image refers to any more are never deleted.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from flask import request
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.models import ECRBackend, Image, Repository
from moto.ecr.responses import ECRResponse

from .control import Report, receives, serves
from .override import add_action, override

MIB = 1024 * 1024
PART_SIZE = 10 * MIB
SMALLEST_PART = 5 * MIB
URL_PATH = "/_emulator/ecr/layers/"


class EcrError(ServiceException):
    """moto reads the service of an exception from its module. The module of this class's parent has
    no service.
    """


@dataclass
class Upload:
    repository: Repository
    content: bytearray
    # Only the last part may be smaller than the smallest size.
    has_small_part: bool = False
    part_after_small: bool = False


_uploads: dict[str, Upload] = {}
_downloads: dict[str, bytes] = {}


def _layers(repository: Repository) -> dict[str, bytes]:
    layers: dict[str, bytes] = repository.__dict__.setdefault("layers", {})
    return layers


def _repository(self: ECRResponse) -> Repository:
    return self.ecr_backend._get_repository(
        self._get_param("repositoryName"), self._get_param("registryId")
    )


def _where(repository: Repository) -> dict[str, Any]:
    return {"registryId": repository.registry_id, "repositoryName": repository.name}


@override(ECRResponse)
def initiate_layer_upload(_: Any, self: ECRResponse) -> ActionResult:
    upload_id = secrets.token_hex(16)
    _uploads[upload_id] = Upload(_repository(self), bytearray())
    return ActionResult({"uploadId": upload_id, "partSize": PART_SIZE})


@override(ECRResponse)
def upload_layer_part(_: Any, self: ECRResponse) -> ActionResult:
    upload_id, upload = _upload(self)
    first, last = self._get_param("partFirstByte"), self._get_param("partLastByte")
    part = base64.b64decode(self._get_param("layerPartBlob"))
    have = len(upload.content)
    if first != have or last - first + 1 != len(part) or len(part) > PART_SIZE:
        raise EcrError(
            "InvalidLayerPartException",
            "The layer part size is not valid, or the first byte specified is not consecutive to the"
            f" last byte of a previous layer part upload: {have} bytes received,"
            f" bytes {first} to {last} named, {len(part)} sent.",
        )
    upload.part_after_small |= upload.has_small_part
    upload.has_small_part |= len(part) < SMALLEST_PART
    upload.content += part
    where = _where(upload.repository)
    return ActionResult({**where, "uploadId": upload_id, "lastByteReceived": last})


@override(ECRResponse)
def complete_layer_upload(_: Any, self: ECRResponse) -> ActionResult:
    upload_id, upload = _upload(self)
    if not upload.content:
        raise EcrError("EmptyUploadException", "The specified layer upload has no parts.")
    if upload.part_after_small:
        raise EcrError("LayerPartTooSmallException", "Layer parts must be at least 5 MiB in size.")
    content = bytes(upload.content)
    digest = _digest(content)
    if self._get_param("layerDigests") != [digest]:
        raise EcrError(
            "InvalidLayerException",
            "The layer digest calculation performed by Amazon ECR upon receipt of the image layer"
            f" does not match the digest specified: it is {digest}.",
        )
    del _uploads[upload_id]
    layers = _layers(upload.repository)
    if digest in layers:
        raise EcrError(
            "LayerAlreadyExistsException", f"The layer {digest} already exists in the repository."
        )
    layers[digest] = content
    where = _where(upload.repository)
    return ActionResult({**where, "uploadId": upload_id, "layerDigest": digest})


def _upload(self: ECRResponse) -> tuple[str, Upload]:
    upload_id = self._get_param("uploadId")
    upload = _uploads.get(upload_id)
    if upload is None or upload.repository is not _repository(self):
        raise EcrError(
            "UploadNotFoundException",
            f"The upload {upload_id} could not be found, or is not valid for this repository.",
        )
    return upload_id, upload


@override(ECRResponse)
def batch_check_layer_availability(_: Any, self: ECRResponse) -> ActionResult:
    layers = _layers(_repository(self))
    return ActionResult(
        {
            "layers": [
                {
                    "layerDigest": digest,
                    "layerAvailability": "AVAILABLE" if digest in layers else "UNAVAILABLE",
                    "layerSize": len(layers.get(digest, b"")),
                }
                for digest in self._get_param("layerDigests")
            ],
            "failures": [],
        }
    )


@override(ECRResponse)
def get_download_url_for_layer(_: Any, self: ECRResponse) -> ActionResult:
    repository = _repository(self)
    digest = self._get_param("layerDigest")
    used = {name for image in repository.images for name in _named(image.image_manifest)[0]}
    if digest not in used:
        raise EcrError(
            "LayersNotFoundException",
            f"The layer {digest} is not referenced by an image of {repository.name}.",
        )
    secret = secrets.token_hex(16)
    _downloads[secret] = _layers(repository)[digest]
    return ActionResult(
        {"downloadUrl": f"http://{request.host}{URL_PATH}{secret}", "layerDigest": digest}
    )


@serves(URL_PATH)
def layer(secret: str) -> bytes | None:
    return _downloads.get(secret)


@add_action(ECRResponse)
def list_image_referrers(self: ECRResponse) -> ActionResult:
    subject = self._get_param("subjectId")["imageDigest"]
    manifests = [(image, json.loads(image.image_manifest)) for image in _repository(self).images]
    return ActionResult(
        {
            "referrers": [
                {
                    "digest": image.get_image_digest(),
                    "mediaType": image.image_manifest_media_type,
                    "artifactType": manifest.get("artifactType"),
                    "size": len(image.image_manifest),
                    "artifactStatus": "ACTIVE",
                }
                for image, manifest in manifests
                if manifest.get("subject", {}).get("digest") == subject
            ]
        }
    )


_scan_results: dict[str, list[Report]] = {}


@receives("/_emulator/ecr/scan-results")
def take_scan_results(report: Report) -> None:
    _scan_results[report["imageDigest"]] = list(report["results"])


@override(ECRBackend)
def describe_image_scan_findings(
    original: Any,
    self: ECRBackend,
    registry_id: str,
    repository_name: str,
    image_id: dict[str, Any],
) -> Report:
    found: Report = original(self, registry_id, repository_name, image_id)
    results = _scan_results.get(found["imageId"]["imageDigest"], [])
    result = results.pop(0) if len(results) > 1 else results[0] if results else {}
    nothing: Report = {"imageScanFindings": {"findings": [], "findingSeverityCounts": {}}}
    return {**found, **nothing, **result}


@override(ECRBackend)
def put_image(
    original: Any,
    self: ECRBackend,
    repository_name: str,
    image_manifest: str,
    image_tag: str | None,
    image_manifest_mediatype: str | None = None,
    digest: str | None = None,
) -> Image:
    repository = self._get_repository(repository_name)
    actual = _digest(image_manifest.encode())
    if digest not in (None, actual):
        raise EcrError(
            "ImageDigestDoesNotMatchException",
            f"The specified image digest {digest} does not match the digest that Amazon ECR"
            f" calculated for the image, {actual}.",
        )
    _refuse_missing(repository, image_manifest)
    _refuse_taken(repository, actual, image_tag)
    image: Image = original(
        self, repository_name, image_manifest, image_tag, image_manifest_mediatype, actual
    )
    return image


def _refuse_missing(repository: Repository, manifest: str) -> None:
    layers, images = _named(manifest)
    missing = layers - _layers(repository).keys()
    if missing:
        raise EcrError(
            "LayersNotFoundException",
            f"The specified layers could not be found, or the specified layer is not valid for this"
            f" repository: {', '.join(sorted(missing))}",
        )
    missing = images - {image.get_image_digest() for image in repository.images}
    if missing:
        raise EcrError(
            "ReferencedImagesNotFoundException",
            "The manifest list is referencing an image that does not exist:"
            f" {', '.join(sorted(missing))}",
        )


def _refuse_taken(repository: Repository, digest: str, tag: str | None) -> None:
    there = next((image for image in repository.images if image.get_image_digest() == digest), None)
    if there and (tag is None or tag in there.image_tags):
        raise EcrError(
            "ImageAlreadyExistsException",
            f"Image with digest '{digest}' and tag '{tag}' already exists in the repository with"
            f" name '{repository.name}' in registry with id '{repository.registry_id}'",
        )
    taken = tag and any(tag in image.image_tags for image in repository.images)
    if taken and repository.is_tag_immutable():
        raise EcrError(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot"
            " be overwritten because the repository is immutable.",
        )


def _named(manifest: str) -> tuple[set[str], set[str]]:
    """The digests that a manifest contains: those of its layers and configuration, and those of its
    images.
    """
    content = json.loads(manifest)
    blobs = [*content.get("layers", []), *([content["config"]] if "config" in content else [])]
    return (
        {blob["digest"] for blob in blobs},
        {image["digest"] for image in content.get("manifests", [])},
    )


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
