"""An S3-compatible bucket. Every write is conditional, so that an older site never replaces a newer one.

First the ETags of all files are read, then the fence file is claimed with our fence, then each file replaces only the
ETag that was read: if a newer upload claimed after us, its files have other ETags and our put is rejected (412).
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from statuspage.domain import HostSpec
from statuspage.integrations.hosting.base import (
    FENCE_FILE,
    Difference,
    UploadBatch,
    UploadFailed,
    fence_content,
    is_ours,
    parse_fence,
    refuse_foreign_files,
    refuse_newer,
    upload_waves,
)
from statuspage.integrations.hosting.options import BUCKET, ENDPOINT, PREFIX, REGION, HostType, Option
from statuspage.rendering.site import http_headers

OPTIONS: Mapping[str, Option] = {
    "bucket": Option(BUCKET, "status.example.com", required=True),
    "prefix": Option(PREFIX, "status/"),
    "endpoint": Option(ENDPOINT, "https://s3.example.com"),
    "region": Option(REGION, "ap-northeast-1", default="us-east-1"),
}

for _loud in ("boto3", "botocore", "s3transfer"):
    logging.getLogger(_loud).setLevel(logging.WARNING)  # below that level they log signatures

_PARALLEL_REQUESTS = 8
_CLAIM_ATTEMPTS = 3
_PRECONDITION = ("412", "PreconditionFailed", "ConditionalRequestConflict")
_ABSENT = ("404", "NoSuchKey", "NotFound")
_DENIED = ("403", "401", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")


class S3Bucket:
    """A bucket, or the part of it below a prefix. Gzip copies are not uploaded: S3 would not serve them."""

    gzip_copies = False
    renewal_interval = timedelta(0)

    def __init__(self, spec: HostSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._options, self._keep, self._secrets = spec.options, spec.kept_paths, dict(secrets)
        self._prefix = spec.options.get("prefix", "")
        self._cached_client: Any = None

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """Compares by the listed ETags, which are MD5 sums for files uploaded in one part and not encrypted with a
        customer key."""
        with _translate_errors():
            remote_tags = {name: tag for name, tag in self._list_objects() if is_ours(name, self._keep)}
            fence, _ = self._read_fence()
        removed = tuple(sorted(remote_tags.keys() - files.keys()))
        refuse_foreign_files(removed, fence)
        changed = (
            name
            for name in files
            if name in remote_tags and remote_tags[name] != _content_tag(files[name].read_bytes())
        )
        return Difference(tuple(name for name in files if name not in remote_tags), tuple(changed), removed)

    def upload(self, batch: UploadBatch) -> int:
        """Uploads pages first, front pages last; removes files at the very end."""
        with _translate_errors(), ThreadPoolExecutor(_PARALLEL_REQUESTS) as pool:
            tags = dict(zip(batch.files, pool.map(self._fetch_tag, batch.files), strict=True))
            self._claim_fence(batch.fence)
            changed = 0
            for wave in upload_waves(batch.files):
                changed += sum(pool.map(lambda name: self._put_if_changed(name, batch.files[name], tags[name]), wave))
            if batch.removed:
                refuse_newer(self._read_fence()[0], batch.fence)
                changed += sum(pool.map(self._delete, batch.removed))
        return changed

    def _claim_fence(self, fence: int) -> None:
        for _ in range(_CLAIM_ATTEMPTS):
            remote_fence, tag = self._read_fence()
            refuse_newer(remote_fence, fence)
            if remote_fence == fence:
                return
            try:
                self._put_object(FENCE_FILE, fence_content(fence), tag)
            except _errors().ClientError as error:
                if _error_code(error) not in _PRECONDITION:
                    raise
            else:
                return
        raise UploadFailed("contended")

    def _read_fence(self) -> tuple[int | None, str]:
        """The fence at the host and its ETag; None if no site of ours has been there."""
        try:
            response = self._client.get_object(Bucket=self._options["bucket"], Key=self._object_key(FENCE_FILE))
        except _errors().ClientError as error:
            if _error_code(error) in _ABSENT:
                return None, ""
            raise
        return parse_fence(response["Body"].read(1000)), response["ETag"].strip('"')

    def _put_if_changed(self, name: str, path: Path, tag: str) -> int:
        data = path.read_bytes()
        if tag == _content_tag(data):
            return 0
        self._put_object(name, data, tag)
        return 1

    def _put_object(self, name: str, data: bytes, expected_tag: str) -> None:
        """Stores the object if the existing one has this ETag ("": if there is none)."""
        condition = {"IfMatch": f'"{expected_tag}"'} if expected_tag else {"IfNoneMatch": "*"}
        headers = {
            "CacheControl": http_headers.cache_control(name),
            "ContentType": http_headers.type_of(name) or "application/octet-stream",
        }
        self._client.put_object(
            Bucket=self._options["bucket"], Key=self._object_key(name), Body=data, **headers, **condition
        )

    def _fetch_tag(self, name: str) -> str:
        try:
            response = self._client.head_object(Bucket=self._options["bucket"], Key=self._object_key(name))
        except _errors().ClientError as error:
            if _error_code(error) in _ABSENT:
                return ""
            raise
        return str(response["ETag"]).strip('"')

    def _delete(self, name: str) -> int:
        self._client.delete_object(Bucket=self._options["bucket"], Key=self._object_key(name))
        return 1

    def _list_objects(self) -> Iterator[tuple[str, str]]:
        pages: Iterable[Any] = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._options["bucket"], Prefix=self._prefix
        )
        for page in pages:
            for item in page.get("Contents", ()):
                yield item["Key"].removeprefix(self._prefix), item["ETag"].strip('"')

    def _object_key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    @property
    def _client(self) -> Any:
        """Created on first use, because the library takes a while to load."""
        if self._cached_client is None:
            import boto3
            from botocore.config import Config

            self._cached_client = boto3.session.Session().client(
                "s3",
                aws_access_key_id=self._secrets["access_key"],
                aws_secret_access_key=self._secrets["secret_key"],
                aws_session_token=self._secrets.get("session_token"),
                endpoint_url=self._options.get("endpoint"),
                region_name=self._options.get("region"),
                config=Config(
                    connect_timeout=5,
                    read_timeout=10,
                    max_pool_connections=_PARALLEL_REQUESTS,
                    retries={"total_max_attempts": 2, "mode": "standard"},
                    s3={"addressing_style": "path"} if self._options.get("endpoint") else None,
                ),
            )
        return self._cached_client


def _content_tag(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _errors() -> Any:
    from botocore import exceptions

    return exceptions


def _error_code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        errors = _errors()
    except ImportError as error:
        raise UploadFailed("library", "pip install 'statuspage-desk[s3]'") from error
    try:
        yield
    except errors.ClientError as error:
        raise UploadFailed(_s3_reason(error), f"{error.operation_name}: {_error_code(error)}") from error
    except (errors.BotoCoreError, errors.HTTPClientError) as error:
        raise UploadFailed("unreachable", type(error).__name__) from error


def _s3_reason(error: Any) -> str:
    code = _error_code(error)
    if code in _PRECONDITION:
        return "contended"
    if code in _DENIED:
        return "denied"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return "unreachable" if status >= 500 or code == "SlowDown" else "refused"


HOST_TYPE = HostType(OPTIONS, ("access_key", "secret_key"), ("session_token",), S3Bucket)
