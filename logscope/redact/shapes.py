"""Secrets that are known by their own shape: the prefixes that issuers give them, and what follows."""

from __future__ import annotations

import re

from logscope.lazily import lazy
from logscope.redact.values import MASK

_W = r"[\w-]"
_PREFIXED: tuple[tuple[str, str], ...] = (
    # Model providers and their tools: prefix that stays, body that goes.
    (r"sk-ant-(?:[a-z]+\d\d-)?", rf"{_W}{{16,}}"),
    (r"sk-(?:proj|svcacct|admin|None|or-v1|or|lf|helicone|ak|cp)-", rf"{_W}{{16,}}"),
    (r"pk-lf-", rf"{_W}{{16,}}"),
    (r"c?sk-", rf"(?=[\w-]{{0,40}}\d)(?=[\w-]{{0,40}}[A-Z]){_W}{{20,}}"),
    (r"c?sk-", r"(?=[a-z]{0,64}\d)[a-z0-9]{30,}"),
    (r"sk_|r8_|fw_|gsk_|hf_|api_org_|jina_|pcsk_|e2b_|ls__|esecret_", r"(?=[A-Za-z]*\d)[A-Za-z0-9_]{24,}"),
    (r"pcsk_", r"[A-Za-z0-9]{4,8}_[A-Za-z0-9]{40,}"),
    (r"hf_|api_org_|jina_", r"[A-Za-z]{30,}"),
    (r"gsk_|npm_", r"[A-Za-z]{36,}"),
    (r"tgp_v1_|ctx7sk-", rf"{_W}{{24,}}"),
    (r"xai-|nvapi-|pplx-|tvly-(?:dev-|prod-)?|m0-|fc-|pa-", rf"(?=[\w-]{{0,100}}\d){_W}{{20,}}"),
    (r"sess-", r"(?=[a-z0-9]{0,39}[A-Z])(?=[A-Za-z]{0,39}\d)[A-Za-z0-9]{40}(?![\w-])"),
    (r"wandb_v\d_|lsv2_(?:pt|sk)_|pylf_v\d_(?:[a-z]+_)?|ABSK|bedrock-api-key-", r"[\w+/=]{24,}"),
    # Clouds.
    (r"AKIA|ASIA|ABIA|ACCA", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (r"AIza", rf"{_W}{{30,}}"),
    (r"ya29\.|GOCSPX-|1//0", rf"{_W}{{20,}}"),
    (r"AAAA[\w-]{7}:", rf"{_W}{{130,}}"),
    (r"LTAI", r"[A-Za-z0-9]{16,24}(?![A-Za-z0-9])"),
    (r"", r"[A-Za-z0-9_~.\-]{3}\dQ~[\w~.\-]{31,34}"),
    (r"", r"[A-Za-z0-9]{40,60}JQQJ99[A-Za-z0-9]{20,}"),
    (r"dapi", r"[0-9a-f]{32}(?:-\d)?"),
    (r"do[opr]_v1_|HRKU-|rnd_|nfp_|napi_|sbp_|sb_secret_|fo1_|fm\d_|vc[pikar]_|pul-|HCP-", rf"{_W}{{20,}}"),
    (r"tskey-(?:auth|api|client|scim|webhook)-", rf"{_W}{{16,}}"),
    (r"pscale_(?:tkn|pw|oauth)_", r"[\w.=-]{24,}"),
    (r"hv[sbr]\.|ops_|dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z_]+\.)?|dt0c01\.", r"[\w.-]{24,}"),
    (r"", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}"),
    # Code, packages, tickets, chat.
    (r"gh[pousr]_|github_pat_", r"\w{22,}"),
    (r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-|GR1348941", r"[\w-]{16,}(?:\.[\w-]+)*"),
    (r"npm_|rubygems_|cio|dckr_(?:pat|oat)_|sgp_(?:local_)?|pnu_", r"(?=[A-Za-z]*\d)[\w-]{27,}"),
    (r"pypi-AgE", rf"{_W}{{30,}}"),
    (r"bkua_|CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_", r"[0-9a-f]{40}"),
    (r"cf(?:[ua]t|k)_", r"[A-Za-z0-9]{40,}"),
    (r"v1\.0-", r"[0-9a-f]{24}-[0-9a-f]{146}"),
    (r"AKCp", r"[A-Za-z0-9]{60,}"),
    (r"AT[AC]TT3|ATBB", r"[\w=-]{20,}"),
    (r"xox[abceoprs](?:\.xox[bp])?-|xapp-\d-|xwfp-", rf"{_W}{{10,}}"),
    (r"hooks\.slack\.com/(?:services|workflows|triggers)/", r"[\w/]{20,}"),
    (r"discord(?:app)?\.com/api/webhooks/\d+/", rf"{_W}{{30,}}"),
    (r"(?:webhook\.office\.com/webhookb2|outlook\.office(?:365)?\.com/webhook)/", r"[\w@/-]{30,}"),
    (r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/(?:v2/)?hook/", r"[\w-]{20,}"),
    (r"hooks\.zapier\.com/hooks/(?:catch|standard)/", r"\d+/\w{6,}"),
    (r"maker\.ifttt\.com/trigger/[\w-]{1,60}/(?:json/)?with/key/", rf"{_W}{{15,}}"),
    (r"events\.pagerduty\.com/integration/", r"[0-9a-f]{32}"),
    # nodes of blockchains
    (r"infura\.io/(?:ws/)?v3/|\balchemy(?:api)?\.(?:com|io)/v2/|quiknode\.pro/", rf"{_W}{{20,}}"),
    (r"", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,45}"),
    (r"(?:bot)?\d{8,10}:", r"AA[\w-]{30,35}"),
    (r"api\.telegram\.org/(?:file/)?bot\d+:", rf"{_W}{{20,}}"),
    (
        r"lin_(?:api|oauth)_|ntn_|secret_|figd_|figo_|tfp_|CFPAT-|PMAK-|rdme_|phx_",
        r"(?=[\w-]{0,80}\d)[\w-]{24,}",
    ),
    (r"pat-(?:na|eu|ap)\d-", r"[0-9a-f-]{36}"),
    (r"pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    (r"tk_", r"(?=[a-z]*\d)[a-z0-9]{29}(?!\w)"),
    (r"EAA", r"[A-Za-z0-9]{100,}"),
    (r"sk\.eyJ", r"[\w-]{30,}\.[\w-]{16,}"),
    (r"sl\.", rf"(?=[\w-]{{0,100}}\d){_W}{{100,}}"),
    # Payment, mail, telephony, monitoring.
    (r"(?:sk|pk|rk)_(?:live|test)_|whsec_", r"[\w+/=]{10,}"),
    (r"shp(?:at|ca|pa|ss)_", r"[0-9a-fA-F]{32}"),
    (r"sq0(?:atp|csp|idp)-|access-(?:sandbox|development|production)-", rf"{_W}{{20,}}"),
    (r"re_", r"[A-Za-z0-9]{8}_(?=[A-Za-z]*\d)[A-Za-z0-9]{24}(?![A-Za-z0-9])"),
    (r"SG\.", r"[\w-]{16,}\.[\w-]{16,}"),
    (r"key-", r"[0-9a-f]{32}(?![0-9a-f])"),
    (r"x(?:key|smtp)sib-", r"[0-9a-f]{64}-\w{16}"),
    (r"", r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    (r"SK", r"[0-9a-f]{32}(?![0-9a-f])"),
    (r"sntry[su]_|glsa_|glc_|NRAK-|NRII-|NRJS-", r"[\w+/=-]{16,}"),
    # Cut short by what shows them, as rich does with locals.
    (
        r"sk-(?:[a-z]{2,8}-)?(?:[a-z]+\d\d-)?|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[abp]-|hf_|eyJ",
        r"[\w-]{8,}(?=…)",
    ),
    # Anywhere.
    (r"eyJ", r"[\w-]{10,}(?:\.[\w-]*){2,4}"),
    (r"AGE-SECRET-KEY-1", r"[A-Z0-9]{50,}"),
    (r"\$2[abxy]\$\d\d\$", r"[./A-Za-z0-9]{53}"),
    (r"\$argon2(?:id|i|d)\$|\$6\$|\$y\$", r"[\w$,=+/.-]{30,}"),
)
SHAPES = lazy(
    r"(?=[A-Za-z0-9$][\w$.:/=~+@-]{14})(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))(?:"
    + "|".join(f"({prefix}){body}" for prefix, body in _PREFIXED)
    + ")",
    re.ASCII,
)
"""Group `lastindex` of a match is the prefix, which stays."""

# Cheap tests that spare clean text the search above.
_JOINED = lazy(r"[-_.:/](?=[A-Za-z_-]{0,24}[0-9A-Z])(?=[A-Za-z0-9_-]{10}|us\d)")
_CAPITAL = lazy(r"[AEGLS](?:KIA|AA[A-Za-z0-9]{10}|SIA|BIA|CCA|Iza|BSK|KCp|T[AC]TT|TBB|R134|TAI|K[0-9a-f]{8})")
_BARE_SHAPES = ("eyJ", "hf_", "gsk_", "npm_", "dapi", "Q~", "JQQJ99", "$", "api_org_", "jina_", "hooks.")


def mask_shapes(text: str) -> str:
    """Return `text` with secrets of a known shape masked behind their prefixes."""
    return (
        SHAPES.sub(lambda found: found[found.lastindex or 0] + MASK, text) if may_hold_shape(text) else text
    )


def may_hold_shape(text: str) -> bool:
    """Say, cheaply, whether a search with `SHAPES` is worth its time."""
    if _JOINED.search(text) or _CAPITAL.search(text):
        return True
    return any(map(text.__contains__, _BARE_SHAPES))
