"""A small, valid claims file for tests: two capabilities of each kind of question, a vendor and a gateway, both invented."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from probes.claims import Claims
from probes.claims_file import load_claims

CLAIMS = """\
version: 1
groups:
  key: {name: {zh: 密钥, en: Keys}}
  rate: {name: {zh: 速率, en: Rate}}
capabilities:
  key.create: {group: key, name: {zh: 创建, en: Create}, question: {zh: 能否创建？, en: Can it create?}}
  key.rotate: {group: key, name: {zh: 轮换, en: Rotate}, question: {zh: 能否轮换？, en: Can it rotate?}}
  spend.limit.key: {group: key, name: {zh: 密钥限额, en: Cap on a key}, question: {zh: 能否限额？, en: Can it cap?}}
  spend.limit.scope: {group: key, name: {zh: 上级限额, en: Cap above}, question: {zh: 能否限额？, en: Can it cap above?}}
  rate.error: {group: rate, shown_by: answer, name: {zh: 限速错误, en: Rate error}, question: {zh: 能否辨认？, en: Is it told?}}
providers:
  acme:
    name: {zh: 顶点, en: Acme}
    kind: hosted-model-api
    region: global
    summary: {zh: 一个虚构的提供商。, en: An invented provider.}
    hosts:
      api: {url: "https://api.acme.example", control: GET /v1/models}
    credentials:
      admin:
        {name: {zh: 管理密钥, en: admin key}, env: [ACME_ADMIN_KEY], send: "Authorization: Bearer {}",
         get: {zh: 控制台, en: console}}
    sources:
      spec: {url: "https://acme.example/openapi.yaml", dated: 2026-08-21, read: 2026-11-23}
    contracts:
      openapi:
        {kind: openapi, url: "https://acme.example/openapi.yaml", file: acme.openapi.yaml,
         covers: [key.create, key.rotate, spend.limit.key]}
    claims:
      key.create: {status: supported, mechanism: api, scope: [key], endpoint: POST /v1/keys, sources: [spec]}
      key.rotate: {status: unsupported, refuted_by: ["* /**/rotate"], sources: [spec]}
      spend.limit.key: {status: supported, mechanism: api, scope: [key], endpoint: POST /v1/keys, fields: [limit],
         unit: usd, sources: [spec]}
      spend.limit.scope: {status: unknown}
      rate.error: {status: supported, mechanism: api, endpoint: POST /v1/chat, error: {status: 429}, sources: [spec]}
  hub:
    name: {zh: 中枢, en: Hub}
    kind: self-hosted-gateway
    region: both
    version: "0.0.1"
    version_route: GET /openapi.json
    summary: {zh: 一个虚构的网关。, en: An invented gateway.}
    hosts:
      api: {control: GET /openapi.json}
    sources:
      seen: {url: live capture, read: 2026-11-23}
    claims:
      key.create: {status: supported, mechanism: api, scope: [key], endpoint: POST /admin/keys, sources: [seen]}
      key.rotate: {status: unsupported, refuted_by: ["POST /admin/keys/rotate"]}
      spend.limit.key: {status: unknown}
      spend.limit.scope: {status: unsupported}
      rate.error: {status: unknown}
"""


@cache
def sample_claims() -> Claims:
    """The file as claims, for tests that hypothesis calls."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "capabilities.yaml"
        path.write_text(CLAIMS, encoding="utf-8")
        return load_claims(path)
