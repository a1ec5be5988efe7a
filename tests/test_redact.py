"""Redaction: every secret goes, its name stays, and nothing that only looks like one is touched."""

from __future__ import annotations

import json
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import assert_linear

from logscope.redact import MASK, redact

ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"


def fake(length: int, alphabet: str = ALNUM) -> str:
    """A made-up secret, the same in every run; never written down, so that no scanner stumbles over this file."""
    return "".join(random.Random(f"{length} {alphabet}").choices(alphabet, k=length))


def jwt() -> str:
    return f"{fake(20)}.eyJ{fake(40)}.{fake(43, ALNUM + '_-')}"


S = fake(40)
SHAPES: dict[str, tuple[str, str]] = {
    "anthropic": ("sk-ant-api03-", fake(95, ALNUM + "_-")),
    "anthropic admin": ("sk-ant-admin01-", fake(95)),
    "anthropic oauth": ("sk-ant-oat01-", fake(80)),
    "openai": ("sk-", fake(48)),
    "openai project": ("sk-proj-", fake(120, ALNUM + "_-")),
    "openai service account": ("sk-svcacct-", fake(100)),
    "openrouter": ("sk-or-v1-", fake(64, HEX)),
    "deepseek": ("sk-", fake(32, HEX)),
    "groq": ("gsk_", fake(52)),
    "groq, letters only": ("gsk_", fake(52, string.ascii_letters)),
    "hugging face": ("hf_", fake(34)),
    "hugging face, letters only": ("hf_", fake(34, string.ascii_letters)),
    "xai": ("xai-", fake(80)),
    "perplexity": ("pplx-", fake(48)),
    "replicate": ("r8_", fake(37)),
    "tavily": ("tvly-dev-", fake(32)),
    "langsmith": ("lsv2_pt_", fake(32, HEX) + "_" + fake(10, HEX)),
    "weights and biases": ("wandb_v1_", fake(27) + "_" + fake(49)),
    "openai session": ("sess-", fake(40)),
    "langfuse": ("sk-lf-", "3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708"),
    "nvidia": ("nvapi-", fake(64)),
    "fireworks": ("fw_", fake(24)),
    "together": ("tgp_v1_", fake(43)),
    "context7": ("ctx7sk-", fake(36)),
    "pinecone": ("pcsk_", fake(60)),
    "pinecone, in two parts": ("pcsk_", "AbCdef_" + fake(63)),
    "cerebras": ("csk-", fake(48, string.ascii_lowercase + string.digits)),
    "cerebras, with capitals": ("csk-", fake(48)),
    "elevenlabs": ("sk_", fake(48, HEX)),
    "aws key id": ("AKIA", fake(16, UPPER)),
    "aws temporary key id": ("ASIA", fake(16, UPPER)),
    "bedrock": ("ABSK", fake(110)),
    "google": ("AIza", fake(35, ALNUM + "_-")),
    "google oauth": ("ya29.", fake(90, ALNUM + "_-")),
    "google messaging": (f"AAAA{fake(7)}:", f"APA91b{fake(134, ALNUM + '_-')}"),
    "google client secret": ("GOCSPX-", fake(28)),
    "azure client secret": ("", "aB3" + "8Q~" + fake(34)),
    "azure openai": ("", fake(52) + "JQQJ99" + fake(26)),
    "databricks": ("dapi", fake(32, HEX)),
    "digitalocean": ("dop_v1_", fake(64, HEX)),
    "vault": ("hvs.", fake(90)),
    "terraform": ("", fake(14) + ".atlasv1." + fake(64)),
    "github": ("ghp_", fake(36)),
    "github app": ("ghs_", fake(36)),
    "github fine-grained": ("github_pat_", fake(22) + "_" + fake(59)),
    "gitlab": ("glpat-", fake(20)),
    "gitlab routable": ("glpat-", fake(27) + ".01." + fake(9)),
    "gitlab runner": ("glrt-", fake(20)),
    "npm": ("npm_", fake(36)),
    "npm, letters only": ("npm_", fake(36, string.ascii_letters)),
    "pypi": ("pypi-AgE", fake(150)),
    "docker": ("dckr_pat_", fake(27, ALNUM)),
    "atlassian": ("ATATT3", fake(180)),
    "slack bot": ("xoxb-", "123456789012-123456789012-" + fake(24)),
    "slack app": ("xapp-1-", fake(12, UPPER) + "-" + fake(64, HEX)),
    "slack webhook": ("https://hooks.slack.com/services/", f"T{fake(8, UPPER)}/B{fake(8, UPPER)}/{fake(24)}"),
    "feishu webhook": ("https://open.feishu.cn/open-apis/bot/v2/hook/", fake(36)),
    "zapier webhook": ("https://hooks.zapier.com/hooks/catch/", f"1234567/{fake(7)}"),
    "ifttt webhook": ("https://maker.ifttt.com/trigger/disk_full/with/key/", fake(22)),
    "pagerduty webhook": ("https://events.pagerduty.com/integration/", fake(32, HEX)),
    "discord webhook": ("https://discord.com/api/webhooks/112233445566778899/", fake(68)),
    "discord bot": ("", f"M{fake(23)}.{fake(6)}.{fake(38)}"),
    "telegram": ("bot123456789:", "AA" + fake(33)),
    "telegram, in a URL": ("https://api.telegram.org/bot123456789:", fake(35)),
    "infura, in a URL": ("https://sepolia.infura.io/v3/", fake(32)),
    "alchemy, in a URL": ("https://eth-mainnet.g.alchemy.com/v2/", fake(32)),
    "linear": ("lin_api_", fake(40)),
    "notion": ("ntn_", fake(46)),
    "airtable": ("pat", fake(14) + "." + fake(64, HEX)),
    "posthog": ("phx_", fake(43)),
    "mapbox": ("sk.eyJ", fake(60) + "." + fake(22)),
    "dropbox": ("sl.", fake(130)),
    "postman": ("PMAK-", fake(24, HEX) + "-" + fake(34, HEX)),
    "hubspot": ("pat-na1-", "3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708"),
    "stripe": ("sk_live_", fake(24)),
    "stripe restricted": ("rk_test_", fake(24)),
    "stripe webhook": ("whsec_", fake(32)),
    "shopify": ("shpat_", fake(32, HEX)),
    "square": ("sq0csp-", fake(43)),
    "sendgrid": ("SG.", fake(22) + "." + fake(43)),
    "mailgun": ("key-", fake(32, HEX)),
    "brevo": ("xkeysib-", fake(64, HEX) + "-" + fake(16)),
    "tailscale": ("tskey-auth-", "k" + fake(11) + "CNTRL-" + fake(32)),
    "mailchimp": ("", fake(32, HEX) + "-us12"),
    "twilio": ("SK", fake(32, HEX)),
    "sentry": ("sntrys_", fake(80)),
    "grafana": ("glsa_", fake(32) + "_" + fake(8, HEX)),
    "new relic": ("NRAK-", fake(27, UPPER)),
    "age": ("AGE-SECRET-KEY-1", fake(58, UPPER)),
    "jwt": ("eyJ", jwt()),
    "bcrypt": ("$2b$12$", fake(53)),
    "argon2": ("$argon2id$", "v=19$m=65536,t=3,p=4$" + fake(22) + "$" + fake(43)),
    "sha512-crypt": ("$6$", fake(16) + "$" + fake(86)),
    "buildkite": ("bkua_", fake(40, HEX)),
    "circleci": ("CCIPAT_" + fake(22) + "_", fake(40, HEX)),
    "cloudflare": ("cfut_", fake(48)),
    "cloudflare origin": ("v1.0-", fake(24, HEX) + "-" + fake(146, HEX)),
    "ntfy": ("tk_", fake(29, string.ascii_lowercase + string.digits)),
    "meta": ("EAA", fake(180)),
    "resend": ("re_", fake(8) + "_" + fake(24)),
}
PLACES = (
    "{}",
    "using {}, then more",
    'request failed {{"detail": "bad value {} here"}}',
    "[{}]",
    "('{}',)",
    "GET /v1/models?x={}&y=1 200",
    "first line\\n{}\\nlast line",
    "url%3D{}%26z",
)
NAMED = {
    "assignment": "password={}",
    "spaces": "password = {}",
    "colon": "password: {}",
    "environment": "DB_PASSWORD={} UVICORN_PORT=8000",
    "export": "export PGPASSWORD={}",
    "json": '{{"password": "{}", "user": "ada"}}',
    "python repr": "{{'password': '{}', 'user': 'ada'}}",
    "escaped json": '{{"msg": "{{\\"password\\": \\"{}\\"}}"}}',
    "twice escaped json": '{{"a": "{{\\\\\\"api_key\\\\\\": \\\\\\"{}\\\\\\"}}"}}',
    "keyword argument": "Client(api_key='{}', timeout=5)",
    "dataclass repr": "Settings(anthropic_api_key='{}', debug=False)",
    "camel case": '{{"accessToken":"{}"}}',
    "kebab case": "x-api-key: {}",
    "toml": 'client_secret = "{}"',
    "yaml": "  jwt_secret: {}",
    "query": "GET /ws?token={}&session_id=42 101",
    "api key query": "POST /v1beta/models/gemini:generateContent?key={} 200",
    "signed url": "https://s.blob.core.windows.net/c/f?sv=2024-11-04&sig={}",
    "amazon signed url": "https://b.s3.amazonaws.com/f?X-Amz-Expires=60&X-Amz-Signature={}",
    "option": "started: worker --password {} --port 80",
    "option with equals": "worker --api-key={} --port 80",
    "argument list": "['worker', '--token', '{}', '--port', '80']",
    "header list": "[(b'x-api-key', b'{}'), (b'accept', b'*/*')]",
    "xml": "<password>{}</password>",
    "bearer header": "Authorization: Bearer {}",
    "bearer in a dict": "{{'authorization': 'Bearer {}'}}",
    "bearer in a list": "[(b'Authorization', b'Bearer {}')]",
    "bearer alone": "sent Bearer {} upstream",
    "token scheme": "authorization: Token {}",
    "no scheme": "Authorization: {}",
    "proxy": "Proxy-Authorization: Basic {}",
    "signature scheme": "Authorization: AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature={}",
    "cookie": "Cookie: theme=dark; sid={}",
    "set-cookie": "set-cookie: __cf_bm={}; path=/; HttpOnly",
    "set-cookie in a list": "(b'Set-Cookie', b'sid={}; Path=/')",
    "cookies": "cookies={{'sid': '{}'}}",
    "odbc": "Server=db;User Id=sa;Pwd={};Encrypt=yes",
    "odbc in braces": "Driver={{ODBC Driver 18}};Uid=sa;Pwd={{{}}};Encrypt=yes",
    "libpq": "host=db user=ada password={} dbname=x",
    "azure storage": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=core",
    "service bus": "Endpoint=sb://n/;SharedAccessKeyName=Root;SharedAccessKey={}",
    "aws secret": "aws_secret_access_key = {}",
    "session token": "AWS_SESSION_TOKEN={}",
    "private token": "PRIVATE-TOKEN: {}",
    "webhook": "webhook_secret='{}'",
    "credentials": "credentials: {}",
    "plural": "api_keys=['{}']",
    "numbered": "API_KEY_2={}",
    "jdbc": "spring.datasource.password={}",
    "postgres url": "postgresql+asyncpg://ada:{}@db:5432/x",
    "redis url": "redis://:{}@cache:6379/0",
    "amqp url": "cannot connect to amqp://guest:{}@mq//",
    "http url": "https://ada:{}@example.org/simple",
    "token url": "https://{}@github.com/o/r.git",
    "escaped url": '"https:\\/\\/ada:{}@example.org"',
    "curl": "curl -s -u ada:{} https://example.org",
    "redis-cli": "redis-cli -h cache -a {} ping",
    "mongosh": "mongosh db:27017 -u ada -p '{}'",
    "registry": "docker login -u ada -p {} ghcr.io",
    "sqlcmd": "sqlcmd -S db -U sa -P {}",
    "ldap": "ldapsearch -x -D cn=ada -w {} -b dc=x",
    "oracle": "jdbc:oracle:thin:scott/{}@db:1521:x",
    "netrc": "machine example.org login ada password {}",
    "sql": "ALTER USER ada IDENTIFIED BY '{}';",
    "sql with a plugin": "CREATE USER 'ada'@'%' IDENTIFIED WITH caching_sha2_password BY '{}'",
    "smtp": "send: 'AUTH PLAIN {}\\r\\n'",
    "subscript": "os.environ['API_KEY'] = '{}'",
    "pydantic": "input_value={{'password': '{}'}}, input_type=dict",
    "secret string": "Settings(password=SecretStr('{}'))",
    "key in words": "the API key: {}",
    "key in an answer": "Incorrect API key provided: {}",
    "bearer in capitals": "sent BEARER {} upstream",
    "header's values": '"Authorization":["Bearer {}"],"Accept":["*/*"]',
    "cookie's values": "{{'Cookie': ['sid={}; theme=dark']}}",
    "refused setting": "1 error for Settings\nmcp.api_key\n  Bad [type=string_type, input_value='{}', input_type=str]",
    "refused member": "[{{'type': 'x', 'loc': ('body', 'token'), 'msg': \"it's short\", 'input': '{}', 'ctx': {{}}}}]",
    "cookie of a name": "session_cookie={}",
    "local variable": "│       pw = '{}'     │",
    "named value in YAML": '- name: DB_PASSWORD\n  value: "{}"',
    "named value in JSON": '{{"name":"API_KEY","value":"{}"}}',
    "named value, escaped": '"[{{\\"name\\": \\"API_KEY\\", \\"value\\": \\"{}\\"}}]"',
    "named header": '{{"name": "Authorization", "value": "Bearer {}"}}',
    "named argument": "EnvVar(name='DB_PASSWORD', value='{}')",
    "attribute": '<add key="ApiKey" value="{}" />',
    "form's part": 'form-data; name="password"\n\n{}\n--b',
    "form's part in bytes": "b'form-data; name=\"password\"\\r\\n\\r\\n{}\\r\\n--b'",
    "block in YAML": "password: |\n  {}",
    "folded block in YAML": "api_key: >-\n    {}",
    "cookie jar": "<Cookies[<Cookie sid={} for example.org />]>",
    "other scheme": "Authorization: SSWS {}",
    "other scheme in a dict": "{{'authorization': 'Klaviyo-API-Key {}'}}",
    "verifier": "POST /token?grant_type=authorization_code&code_verifier={} 400",
    "application key": "DD-APPLICATION-KEY: {}",
    "cipher's key": "FERNET_KEY={}",
    "one-time seed": "otpauth://totp/a:b?secret={}&issuer=a",
}
PASSWORDS = (
    "$ecret9",
    "%7Apple",
    "*star9x",
    "Ab1[xy]z",
    "rose.9thorn",
    "do(not9",
    "hunter2",
    "Tr0ub4dor&3",
    "p%40ss-w0rd",
    "correcthorse9",
)
LOOK_ALIKES = (
    "FAILED: Can't locate revision identified by '821203926422'",
    'INFO:     127.0.0.1:53422 - "POST /messages/?session_id=5d7dffeb38434223a55366439fd11831 HTTP/1.1" 202 Accepted',
    "INFO:api.agents.universal:Initialized MCP session 5d7dffeb38434223a55366439fd11831 for key simplifier_89883fe2",
    "mcp-session-id: 3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708",
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "{'request_id': 'req_011CSHoEeqs5C35K2UUqR7Fy'}",
    "x-request-id: req_3f9c1f0e4dc94f3f8a52b1b8f33c2a11",
    "msg_01XFDUDYJgAACzvnptvVoYEL stop_reason=end_turn",
    "toolu_01A09q90qw90lq917835lq9 returned",
    "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT call_DdmO9pD3xa9XTPNJ32zg2hcA",
    "org-AbCdEfGhIjKlMnOpQrStUvWx on tokens per min (TPM): Limit 30000, Used 29800",
    "organization 3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708 proj_Ab12Cd34Ef56Gh78",
    "asst_abc123DEF456ghi789 thread_abc123DEF456ghi789 run_abc123DEF456ghi789",
    "container 4f5e6d7c8b9a0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796 exited with 137",
    "<httpx.AsyncClient object at 0x7f3c5e1b2d90>",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "max_tokens=4096 input_tokens=1532 output_tokens: 220",
    "max_token: 4096abc",
    '{"usage": {"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42}}',
    "token count: 15023",
    "progressToken: 5d7dffeb38434223a55366439fd11831",
    '"next_page_token": "CAUQAA9x7Zy"',
    "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "Unexpected token: foo",
    "eos_token='</s>' pad_token_id=50256",
    "token: expired",
    "password is weak, password is incorrect",
    "the password is compromised",
    "Password is plaintext.",
    "status code: 500, exit code=13700, error code 400100",
    "verification code sent, recovery code: missing, otp=required, otp length: 6, backup codes: 3 left",
    "login failed -p 8000, ssh login -p fast, mongodump -p 27017 -d x; oracle://db/service",
    "redis-cli -p 6379 ping, docker login -p",
    "session_cookie=strict cookies: enabled",
    "api key: OPENAI_API_KEY is not set",
    "api keys: 3 loaded, API key from environment, no API key: see docs",
    "the api key is invalid, api_key is required",
    "wrong password for user ada: retry, api key for provider openai: missing, foreign key for table users: lost",
    "encryption key rotation started, master key not found, generated key pair in 3 s, password is: required",
    "password is too short, password was changed, field 'password' 'user_name'",
    'password authentication failed for user "ada1"',
    "retrying token bucket 550e8400-e29b-41d4-a716-446655440000",
    "1 validation error for Login\nname\n  Bad [type=string_type, input_value='ada1', input_type=str]",
    '"Authorization":["REDACTED"]',
    "Invalid API key provided: check your settings",
    "api_key: field required",
    "Password: must be at least 8 characters",
    "password: incorrect for user ada",
    "OPENAI_API_KEY=None",
    "password=***",
    "api_key='**********'",
    "password=<redacted>",
    "password=${DB_PASSWORD}",
    "    api_key=os.environ['OPENAI_API_KEY'],",
    "    client = Anthropic(api_key=settings.anthropic_api_key)",
    "    token = await self._get_token(scope)",
    "    return login(user, password=password)",
    "KeyError: 'api_key'",
    "{'type': 'missing', 'loc': ('body', 'password'), 'msg': 'Field required'}",
    "The api_key client option must be set either by passing api_key to the client or by setting the variable",
    "SELECT users.id, users.password FROM users WHERE users.id = 1",
    "primary_key=users_pkey foreign_key=orders_user_id_fkey1",
    "cache_key=user:123:profile9 partition_key=2026-11-02T10",
    "idempotency-key: 3f2a1b4c-5d6e-7f80-91a2-b3c4d5e6f708",
    "author=ada oauth=enabled authority: login.microsoftonline.com",
    'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
    "bearer token missing, Bearer authentication required",
    "basic functionality test: Basic authentication is off",
    "token_type=bearer expires_in=3600",
    "PWD=/srv/app HOME=/root",
    "Server=db;Uid=sa;Pwd={password};Encrypt=yes Pwd={settings.password}",
    "bypass=true10203040 compass: north99",
    "tests pass: 120, fail: 0",
    "http://127.0.0.1:8765/mcp http://localhost:8009/sse/ https://api.anthropic.com/v1/messages",
    "mail from ada@example.org to bob@example.org: sent",
    "git@github.com:o/r.git https://registry.example/@scope/pkg@1.2.3",
    "postgresql://ada@db:5432/x redis://cache:6379/0 postgresql://ada:***@db/x",
    'File "/usr/lib/python3.11/site-packages/anyio/_backends/_asyncio.py", line 597, in __aexit__',
    "claude-sonnet-4-5-20250929 gpt-4o-2024-08-06 text-embedding-3-large",
    "sk-learn-pipeline-classifier-training-run",
    "pid=12345 host=ip-10-0-12-34.eu-central-1.compute.internal",
    "pod/backend-7d9f8c6b5d-x2x4z namespace=prod",
    "eth0: 02:42:ac:11:00:02 2001:db8:85a3::8a2e:370:7334",
    'etag: "33a64df551425fcc55e4d42a148795d9f25f89d4" cf-ray: 8c1f2b3a4d5e6f70-FRA',
    "AssertionError: assert len(secrets) == 3",
    "secretName: db-credentials imagePullSecret=regcred",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    "-----BEGIN CERTIFICATE-----",
    "- name: max_tokens\n  value: 4096\n- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: db, key: password}}",
    '{"name": "api_key", "value": null}, {"name": "SECRET_KEY_FILE", "value": "/run/secrets/key1"}',
    "field 'token'\n\nINFO 4f5e6d7c8b9a0f1e2d3c",
    "app_key=orders-service authorization: Denied 4f5e6d7c8b9a0f1e2d3c",
)


@pytest.mark.parametrize("kind", SHAPES)
def test_shapes_are_masked_everywhere(kind: str) -> None:
    """A secret with a shape of its own is masked in every place, twice on a line, and its prefix stays."""
    prefix, secret = SHAPES[kind]
    for place in PLACES:
        shown = redact(place.format(prefix + secret) + " / " + prefix + secret)

        assert secret not in shown, place
        assert shown.endswith(prefix + MASK), place


@pytest.mark.parametrize("kind", NAMED)
def test_named_secrets_are_masked(kind: str) -> None:
    """A secret behind a telling name is masked, whatever stands around it stays."""
    template = NAMED[kind]
    secret = fake(40, HEX)
    shown = redact(template.format(secret))

    assert secret not in shown
    assert MASK in shown
    before, _, after = template.replace("{{", "{").replace("}}", "}").partition("{}")
    if kind not in (
        "cookie",
        "cookie's values",
        "set-cookie",
        "set-cookie in a list",
        "cookies",
        "plural",
        "signature scheme",
    ):
        assert shown == before + MASK + after


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(
    "kind", ["assignment", "spaces", "colon", "json", "libpq", "odbc", "postgres url", "option"]
)
def test_chosen_passwords_are_masked(kind: str, password: str) -> None:
    """Passwords that people choose are masked as well as random ones."""
    assert password not in redact(NAMED[kind].format(password))


@pytest.mark.parametrize("depth", range(4))
def test_json_in_json_hides_nothing(depth: int) -> None:
    """However often a member was escaped on its way into the log, its value goes and nothing else does."""
    text = json.dumps({"client_secret": S, "user": "ada"})
    for _ in range(depth):
        text = json.dumps({"message": text})
    assert redact(text) == text.replace(S, MASK)


@pytest.mark.parametrize("name", ["apikey", "api_key", "X-API-Key", "client_secret"])
def test_a_blank_may_part_name_and_value(name: str) -> None:
    """Behind a name that only secrets have, a long random word is its value; ids and plain words are not."""
    assert redact(f"using {name} {fake(24)} for tenant 7") == f"using {name} {MASK} for tenant 7"
    for word in ("rotation", "550e8400-e29b-41d4-a716-446655440000", "user-profile-service-v2", "key_01HZX3"):
        assert redact(f"using {name} {word} for tenant 7") == f"using {name} {word} for tenant 7"


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_stay(text: str) -> None:
    """Ids, counts, code and prose that only look like secrets are shown as they are."""
    assert redact(text) == text


def test_basic_credentials() -> None:
    """Basic credentials are known by what they decode to."""
    assert redact("sent Basic YWRhOmh1bnRlcjI= upstream") == f"sent Basic {MASK} upstream"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"password": "a \\"quoted\\" one", "n": 1}', f'{{"password": "{MASK}", "n": 1}}'),
        ("password='correct horse battery staple' x=1", f"password='{MASK}' x=1"),
        ('"password": "cut off', f'"password": "{MASK}'),
        ("password=p@ss,w0rd;x", f"password={MASK}"),
        ("password=abc123, user=ada", f"password={MASK}, user=ada"),
        ("login(password=abc123)", f"login(password={MASK})"),
        ("mongodb://ada:a/b@h1:27017,h2/x", f"mongodb://ada:{MASK}@h1:27017,h2/x"),
        ("postgres://ada:p@ss@db/x", f"postgres://ada:{MASK}@db/x"),
        ("dsn: postgresql://ada:Xk7Qp2Lm9", f"dsn: postgresql://ada:{MASK}"),  # cut before its @
        ("image: docker://python:3.12-slim", "image: docker://python:3.12-slim"),
        ("at http://localhost:8000", "at http://localhost:8000"),
        ("mysqldump -u root -pS3cret! shop", f"mysqldump -u root -p{MASK} shop"),
        ("mysql -port 3306 -h db", "mysql -port 3306 -h db"),
        (
            'authorization: Digest username="ada", uri="/", response="8f6c2c1e" for user 7',
            f"authorization: Digest {MASK} for user 7",
        ),
        (
            r'{"msg": "Proxy-Authorization: Digest username=\"ada\", response=\"8f6c2c1e\"", "n": 7}',
            rf'{{"msg": "Proxy-Authorization: Digest {MASK}", "n": 7}}',
        ),
        ("a password=one1 and api_key=two2 in one line", f"a password={MASK} and api_key={MASK} in one line"),
    ],
)
def test_extent_of_the_value(text: str, shown: str) -> None:
    """The whole value goes, and nothing behind it."""
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "password 'hunter2' rejected",
        'login with password "correct-horse9" failed',
        "the password was hunter2",
        "password is Tr0ub4dor&3",
        "the password is hunter",
        "temporary password was swordfish.",
        '{"message": "the password is swordfish", "attempt": 2}',
        '{"message": "the password is swordfish\\nTraceback"}',
        "Error('the password is swordfish')",
        "your admin password is: hunter2",
        "new password for user ada: hunter2",
        f"auto-generated SECRET_KEY. Generated key: {fake(32)}",
        f"Master key: {fake(32)}, encryption key {fake(32)}",
        f"token {fake(32)} is invalid",
        f"the api key is {fake(32)}",
        f"client_secret was '{fake(32)}'",
    ],
)
def test_a_sentence_tells_a_secret(text: str) -> None:
    """In quotes, as what the password is or was, or as a token that can be nothing else."""
    shown = redact(text)
    assert MASK in shown
    assert not any(word in shown for word in ("hunter", "horse9", "Tr0ub", "swordfish", fake(32)))


@pytest.mark.parametrize(
    "text",
    [
        "otp={}",
        "OTP: {}",
        '{{"otp": "{}"}}',
        "totp={} for ada",
        "mfa_code: '{}'",
        "verification_code={}, user=ada",
        "your verification code is {}",
        "sent one-time passcode {} to ada",
    ],
)
def test_codes_that_are_sent_to_a_person(text: str) -> None:
    """Behind such a name digits alone are a secret; everything else stays."""
    assert redact(text.format("482913")) == text.format(MASK)
    assert redact("backup codes: ['ab12cd34', '90210777']") == f"backup codes: [{MASK}]"


@pytest.mark.parametrize("name", ["password", "user.password", "mcp.api_key", "auth.token"])
@pytest.mark.parametrize("gap", [" ", "\\n  ", "\n  "])
def test_refused_value_of_a_report_on_one_line(name: str, gap: str) -> None:
    """What pydantic refused goes also where its report was made one line; values of other fields stay."""
    start = gap.rstrip(" ") or " "
    text = f"2 validation errors for PasswordForm{start}name{gap}Bad one [type=x, input_value='ada1', input_type=str]"
    text += f"{start}{name}{gap}String should be longer [type=x, input_value='{{}}', input_type=str]"
    assert redact(text.format("swordfish")) == text.format(MASK)


def test_what_is_cut_short_is_masked_too() -> None:
    """Rich shows the beginnings of long locals."""
    for prefix in ("sk-ant-api03-", "sk-proj-", "ghp_", "eyJ"):
        assert redact(f"│ key = '{prefix}{fake(16)}… │") == f"│ key = '{prefix}{MASK}… │"


@pytest.mark.parametrize("width", [5, 12, 20, 30])
@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + fake(36),
        "sk-ant-api03-" + fake(95),
        "AIza" + fake(35),
        "eyJ" + fake(90) + "." + fake(90) + "." + S,
    ],
)
def test_a_secret_that_a_terminal_broke(secret: str, width: int) -> None:
    """The rest of a secret goes, too, in each further line; words, dates and other values that begin a line stay."""
    rest = secret[width:]
    lines = [f"using key {secret[:width]}", *(rest[at : at + 60] for at in range(0, len(rest), 60))]
    shown = redact("\n".join([*lines, "for nothing"]))
    assert shown.split("\n")[1:] == [MASK] * (len(lines) - 1) + ["for nothing"]
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "line", ["Traceback (most recent call last):", "2026-11-20T19:00:00 up", "workers: 3"]
)
def test_the_line_behind_a_secret_stays(line: str) -> None:
    """What a record begins with is no rest of the secret above it."""
    for secret in ("ghp_" + fake(36), "api_key=" + S):
        assert redact(f"{secret}\n{line}").split("\n")[1] == line


TOLD = (
    "x-api-key: {}",
    "headers={{'x-api-key': '{}', 'n': 1}}",
    "Authorization: Bearer {}",
    "client_secret = {}",
    "started worker --token {} --port 80",
    "Cookie: sid={}",
    "postgresql://ada:{}@db/x",
    "GET /x?access_token={}&y=1",
    "AccountKey={};x",
)


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("row", ["\n", " \n    ", "          client.py:81\n                     "])
def test_a_name_that_a_terminal_parts_from_its_value(told: str, row: str) -> None:
    """A row may end at any blank and at any letter of name and value; what begins the next one is masked as well."""
    text = told.format(S)
    for at in range(3, text.index(S) + 24):
        broken = text[:at].rstrip(" ") + row + text[at:].lstrip(" ") + " then\nmore words"
        shown = redact(broken)
        bare = shown.replace(row, "")
        assert not any(S[part : part + 8] in bare for part in range(len(S) - 7)), shown
        assert shown.endswith("more words")
        assert shown.count("\n") == broken.count("\n")
        assert redact(shown) == shown


def test_names_above_what_is_no_value() -> None:
    """Dates, words, nested members and other records stay below a name."""
    for text in (
        "invalid token:\n2026-11-21T10:00:00 INFO up",
        "password:\n  user: ada\n  host: db",
        "Authorization:\n  expected a bearer",
        "KeyError: 'token'\nERROR:app:550e8400e29b41d4",
        "session_cookie\nsid=4f5e6d7c8b9a0f1e",
        "key: x  client.py:81\n    4f5e6d7c8b9a0f1e2d3c",
    ):
        assert redact(text) == text


def test_named_values_that_a_terminal_broke() -> None:
    """A masked value at a line's end goes on with what looks like one at the next line's beginning."""
    assert redact(f"api_key={fake(30)}\n{fake(20)} gone\n") == f"api_key={MASK}\n{MASK} gone\n"


def test_values_that_loguru_shows_below_their_names() -> None:
    """Of names of secrets, and behind such keywords; what else it shows stays."""
    code = "    connect(user, password=pw, other=settings.db_password, token=None, port=port)"
    places = [code.index(name) for name in ("port)", "db_p", "settings", "pw", "user", "connect")]
    values = ("5432", "'hunTer3'", "<Settings>", "'hunTer2'", "'ada'", "<function connect at 0x7fecdf9604a0>")
    rows = [
        "".join("│" if at in places[number + 1 :] else " " for at in range(place)) + f"└ {value}"
        for number, (place, value) in enumerate(zip(places, values, strict=True))
    ]
    told = redact("\n".join(["ValueError", code, *rows, "", "next"])).split("\n")
    masked = [row.replace("hunTer2", "[redacted]").replace("hunTer3", "[redacted]") for row in rows]
    assert told[2:] == [*masked, "", "next"]
    assert redact("\n".join(told)) == "\n".join(told)


def test_lines_of_a_key_are_known_by_themselves() -> None:
    """Each line may be an event of its own; checksums and words of that length stay."""
    for length in (64, 70, 76):
        body = fake(length, ALNUM + "+/")
        assert redact(body) == MASK
        assert redact(f"ERROR:app:{body}\nERROR:app:next") == f"ERROR:app:{MASK}\nERROR:app:next"
    assert redact(f"before\n{fake(30)}==\nafter") == f"before\n{MASK}\nafter"
    for text in (fake(64, HEX), "a" * 64, f"sha512-{fake(64)}", f"/srv/{fake(64)}", f"id {fake(64)} seen"):
        assert redact(text) == text


def test_private_key_keeps_its_lines() -> None:
    """A PEM block is masked line by line, on one line of JSON, and when it is cut off."""
    body = "\n".join(fake(64) for _ in range(3))
    head, foot = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"

    assert redact(f"a\n{head}\n{body}\n{foot}\nb") == "\n".join(["a", head, MASK, MASK, MASK, foot, "b"])
    assert fake(64) not in redact(json.dumps({"k": f"{head}\n{body}\n{foot}\n"}))
    assert redact(f"{head}\n{body}\nERROR next event") == "\n".join([head, *[MASK] * 3, "ERROR next event"])


@given(
    st.lists(
        st.sampled_from(
            ["password", "=", ": ", '"', "'", "\\", "hunter2", " ", "\n", "token", "://a:b@c", ","]
        )
    )
)
def test_stable_and_line_true(pieces: list[str]) -> None:
    """A second pass changes nothing, and no line is lost or added."""
    text = "".join(pieces)
    shown = redact(text)

    assert redact(shown) == shown
    assert shown.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "unit",
    ["=", "/", "0", ".", "a-", "-", "password=", 'token="', "sk-", "://", "://a:", "eyJ.", "api_key: [", "Bearer ",
     "1.", "-----BEGIN PRIVATE KEY-----", "curl ", "mongo ", "redis-cli -a", "cookie=",
     "--token ", "a@", "authorization: ", "\\", "key-0",
     "key:\n", "token=a1\n ", "//:a\n"],
)  # fmt: skip
def test_hostile_line_takes_linear_time(unit: str) -> None:
    """A line that keeps promising a secret costs time in proportion to its length, beside a real one too."""

    def work(size: int) -> None:
        text = unit * (size // len(unit))
        redact(text)
        redact("password=x1 " + text)

    assert_linear(work, 1 << 16)
